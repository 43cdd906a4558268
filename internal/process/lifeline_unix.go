//go:build unix

package process

import (
	"errors"
	"os"
	"syscall"
)

// DieWithParent makes this process, and all of its group, end when the process that started it does, however that ends.
// A child that a [Cluster] started calls it first thing.
func DieWithParent() error {
	var lifeline syscall.Stat_t
	if err := syscall.Fstat(lifelineFD, &lifeline); err != nil || lifeline.Mode&syscall.S_IFMT != syscall.S_IFIFO || syscall.Getpgrp() != syscall.Getpid() {
		return errors.New("tying this process to its parent: it was not started as a step by the process that runs the pipeline")
	}
	// What this process starts must neither keep the lifeline nor pass for the attempt.
	syscall.CloseOnExec(lifelineFD)
	syscall.CloseOnExec(lockFD)
	go func() {
		// Nothing is ever written to it: reading ends when the other end is closed.
		_, _ = os.NewFile(lifelineFD, "lifeline").Read(make([]byte, 1))
		_ = syscall.Kill(0, syscall.SIGKILL)
	}()
	return nil
}
