package plan_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

func TestHooksAfter(t *testing.T) {
	t.Parallel()
	p := plan.Plan{
		Engine: engine.Plan{
			Steps: []engine.Step{{Name: "a"}}, Mode: engine.FailFast, MaxParallelism: 1, Stagger: time.Second, Confirm: time.Minute,
		},
		Hooks: []engine.Step{{Name: "clean"}, {Name: "alarm", Failed: engine.Budget{Retries: 2}}, {Name: "celebrate"}},
		Graph: graph.Graph{Nodes: []graph.Node{
			{Name: "a", Kind: graph.Step}, {Name: "clean", Kind: graph.Step, Hook: graph.OnExit},
			{Name: "alarm", Kind: graph.Step, Hook: graph.OnFailure}, {Name: "celebrate", Kind: graph.Step, Hook: graph.OnSuccess},
		}},
	}
	for outcome, want := range map[record.Outcome][]engine.Step{
		record.Succeeded: {p.Hooks[0], p.Hooks[2]}, record.Failed: {p.Hooks[0], p.Hooks[1]}, record.Stopped: {p.Hooks[0], p.Hooks[1]},
	} {
		if diff := cmp.Diff(engine.Plan{Steps: want, Confirm: time.Minute}, p.HooksAfter(outcome)); diff != "" {
			t.Errorf("hooks after %s (-want +got):\n%s", outcome, diff)
		}
	}
}
