package pipeline

import (
	"context"
	"testing"

	"github.com/org/k8sorch/internal/reexec"
)

func TestGarbageOfAnOrchestrator(t *testing.T) {
	t.Parallel()
	several := reexec.NewContext(t.Context(), reexec.Role{Kind: reexec.Orchestrator})
	for name, test := range map[string]struct {
		ctx  context.Context
		gogc string
		want int
	}{
		"a process of its own":  {t.Context(), "", orchestratorGC},
		"told by the user":      {t.Context(), "200", 0},
		"one role among others": {several, "", 0},
	} {
		if got := garbagePercent(test.ctx, test.gogc); got != test.want {
			t.Errorf("%s: %d percent, want %d", name, got, test.want)
		}
	}
}
