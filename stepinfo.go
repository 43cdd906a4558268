package pipeline

import (
	"reflect"

	"github.com/org/k8sorch/internal/graph"
)

// StepInfo describes a step or a hook of a pipeline, for tools that look at its functions.
type StepInfo struct {
	// Name is the step's name.
	Name string
	// Func is the type of its function. Its first argument is a [context.Context], its last result an error.
	Func reflect.Type
}

// Steps returns the pipeline's steps in topological order, and then its hooks. It freezes the pipeline, and returns
// nothing for one that [Pipeline.Validate] finds something wrong with.
func (p *Pipeline) Steps() []StepInfo {
	d, err := p.freeze()
	if err != nil {
		return nil
	}
	var infos []StepInfo
	for _, n := range d.nodes {
		if n.kind == graph.Step {
			infos = append(infos, StepInfo{Name: n.name, Func: n.fn})
		}
	}
	return infos
}
