package main

import (
	"context"
	"fmt"

	pipeline "github.com/org/k8sorch"
)

// wide has steps that need nothing of each other.
func wide(name string, steps int) *pipeline.Pipeline {
	p := pipeline.New(name)
	for i := range steps {
		p.Step(pipeline.Func0(fmt.Sprintf("part-%d", i), func(context.Context) (int, error) { return i, nil }))
	}
	return p
}

// mistaken has two steps of one name.
func mistaken() *pipeline.Pipeline {
	twin := func(context.Context) (int, error) { return 1, nil }
	return pipeline.New("mistaken").Step(pipeline.Func0("twin", twin), pipeline.Func0("twin", twin))
}
