package enginetest_test

import (
	"testing"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/enginetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Conformance(t, func(t *testing.T, behaviours map[string]enginetest.Behaviour) enginetest.Subject {
		steps := map[string]enginetest.Step{}
		for name, b := range behaviours {
			steps[name] = b.Step(name)
		}
		run := enginetest.NewRun(t, "r", steps)
		return enginetest.Subject{Run: "r", Open: func() engine.Cluster { return run.Cluster() }}
	})
}
