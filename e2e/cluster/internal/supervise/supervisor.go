// Package supervise runs the cluster's programs: each with a log file and a pid file, each started again when it ends.
package supervise

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

// restartDelay keeps a component that cannot start from using up the machine.
const restartDelay = time.Second

// Component is one program of the cluster.
type Component struct {
	// Name is for logs and pid files.
	Name string
	// Args is the command line, program first.
	Args []string
}

// Supervisor keeps components running. While the cluster boots, the first one to end fails the boot; afterwards one
// that ends is started again, so that a test may kill it.
type Supervisor struct {
	dir    state.Dir
	fail   context.CancelCauseFunc
	report func(format string, args ...any)
	booted atomic.Bool
}

// New returns a supervisor that calls fail when a component ends during boot, and report about each later restart.
func New(dir state.Dir, fail context.CancelCauseFunc, report func(format string, args ...any)) *Supervisor {
	return &Supervisor{dir: dir, fail: fail, report: report}
}

// Booted says that the cluster is up: from now on components are restarted.
func (s *Supervisor) Booted() { s.booted.Store(true) }

// Start starts a component and returns at once. Nothing stops it but the end of its PID namespace.
func (s *Supervisor) Start(c Component) error {
	log, err := os.OpenFile(s.dir.Log(c.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("starting %s: %w", c.Name, err)
	}
	cmd, err := s.spawn(c, log)
	if err != nil {
		return err
	}
	go s.keep(c, cmd, log)
	return nil
}

func (s *Supervisor) keep(c Component, cmd *exec.Cmd, log *os.File) {
	for {
		end := ended(c, cmd.Wait())
		if !s.booted.Load() {
			s.fail(end)
			return
		}
		s.report("%v, starting it again", end)
		time.Sleep(restartDelay)
		var err error
		if cmd, err = s.spawn(c, log); err != nil {
			s.report("%v", err)
			return
		}
	}
}

func (s *Supervisor) spawn(c Component, log *os.File) (*exec.Cmd, error) {
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	// Its own group, so that a Ctrl-C meant for the user's command does not reach the cluster beneath it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.Name, err)
	}
	pid := strconv.Itoa(cmd.Process.Pid)
	if err := os.WriteFile(s.dir.ComponentPIDFile(c.Name), []byte(pid+"\n"), 0o644); err != nil {
		return nil, fmt.Errorf("starting %s: %w", c.Name, err)
	}
	return cmd, nil
}
