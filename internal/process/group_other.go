//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// Without process groups, a child is ended alone and what it started goes on.

func inherit(*exec.Cmd, *os.File, *os.File) {}

func ownGroup(*exec.Cmd) {}

func terminateGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
