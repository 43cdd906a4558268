//go:build unix

package process

import (
	"os"
	"os/exec"
	"syscall"
)

// Numbers of the files that a child inherits, after stdin, stdout and stderr.
const (
	lifelineFD = 3
	lockFD     = 4
)

// inherit hands a child the files that lifelineFD and lockFD name.
func inherit(cmd *exec.Cmd, lifeline, lock *os.File) { cmd.ExtraFiles = []*os.File{lifeline, lock} }

// ownGroup makes a child begin a process group of its own, which terminal signals do not reach. There is no Pdeathsig:
// it tells the child alone, not its group, and when the thread that started it ends instead of the process.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func terminateGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
