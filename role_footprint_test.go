package pipeline

import (
	"context"
	"testing"

	"github.com/org/k8sorch/internal/reexec"
)

func TestWhoseProcessItIs(t *testing.T) {
	t.Parallel()
	several := reexec.NewContext(t.Context(), reexec.Role{Kind: reexec.Orchestrator})
	for name, test := range map[string]struct {
		ctx      context.Context
		variable string
		want     bool
	}{
		"a process of its own":  {t.Context(), "", true},
		"told by the user":      {t.Context(), "200", false},
		"one role among others": {several, "", false},
	} {
		if got := ownsProcess(test.ctx, test.variable); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

func TestLargeRunsLetLessGarbageGather(t *testing.T) {
	t.Parallel()
	for steps, want := range map[int]int{0: 40, 1000: 40, 2000: 30, 10_000: 22, 100_000: 20} {
		if got := orchestratorGC(steps); got != want {
			t.Errorf("%d steps: %d percent, want %d", steps, got, want)
		}
	}
}
