package pipeline

import (
	"context"
	"testing"

	"github.com/org/k8sorch/internal/reexec"
)

func TestWhoseGarbageItIs(t *testing.T) {
	t.Parallel()
	several := reexec.NewContext(t.Context(), reexec.Role{Kind: reexec.Orchestrator})
	for name, test := range map[string]struct {
		ctx  context.Context
		gogc string
		want bool
	}{
		"a process of its own":  {t.Context(), "", true},
		"told by the user":      {t.Context(), "200", false},
		"one role among others": {several, "", false},
	} {
		if got := ownsGarbage(test.ctx, test.gogc); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}
