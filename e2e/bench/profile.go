package main

import (
	"context"
	"os/exec"
	"strings"
	"syscall"
)

func (r *run) profileName() string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(" ,:", c) {
			return '-'
		}
		return c
	}, r.Series.Name+" "+r.Shape) + ".pprof"
}

// stopProfile has the profile written when nearly all steps have ended.
func (r *run) stopProfile(ctx context.Context, cmd *exec.Cmd) {
	select {
	case <-ctx.Done():
	case <-r.late:
		// One that has ended has written it.
		_ = cmd.Process.Signal(syscall.SIGUSR1)
	}
}
