package plan

import (
	"slices"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/record"
)

// HooksAfter returns how the hooks are to be run that a run calls for which has ended so. It is a plan of its own: nothing
// that bounds or stops the run's steps holds for its hooks.
func (p *Plan) HooksAfter(outcome record.Outcome) engine.Plan {
	due := []graph.Hook{graph.OnExit, graph.OnFailure}
	if outcome == record.Succeeded {
		due[1] = graph.OnSuccess
	}
	hooks := engine.Plan{Confirm: p.Engine.Confirm}
	for _, s := range p.Hooks {
		if node, _ := p.Graph.Node(s.Name); slices.Contains(due, node.Hook) {
			hooks.Steps = append(hooks.Steps, s)
		}
	}
	return hooks
}
