package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	pipeline "github.com/org/k8sorch"
)

// dag is a pipeline of two to five steps with up to three inputs each, and the value that each step makes.
type dag struct {
	pipeline *pipeline.Pipeline
	steps    []*pipeline.Step[int]
	values   []int
}

func dags(n int) ([]*dag, []*pipeline.Pipeline) {
	var all []*dag
	var pipelines []*pipeline.Pipeline
	for seed := range n {
		d := newDAG(seed)
		all, pipelines = append(all, d), append(pipelines, d.pipeline)
	}
	return all, pipelines
}

// newDAG returns the same one whenever it is given the same seed.
func newDAG(seed int) *dag {
	dice := rand.New(rand.NewPCG(uint64(seed), 0))
	d := &dag{pipeline: pipeline.New(fmt.Sprintf("soak-%d", seed))}
	for i := range 2 + dice.IntN(4) {
		d.add(fmt.Sprintf("step-%d", i), dice.Perm(i)[:dice.IntN(min(i, 3)+1)])
	}
	return d
}

// add adds a step that returns one more than the sum of these steps' values.
func (d *dag) add(name string, inputs []int) {
	value, in := 1, []*pipeline.Step[int]{}
	for _, i := range inputs {
		value += d.values[i]
		in = append(in, d.steps[i])
	}
	var step *pipeline.Step[int]
	switch len(in) {
	case 0:
		step = pipeline.Func0(name, func(context.Context) (int, error) { return 1, nil })
	case 1:
		step = pipeline.Func(name, func(_ context.Context, a int) (int, error) { return 1 + a, nil }, in[0])
	case 2:
		step = pipeline.Func2(name, func(_ context.Context, a, b int) (int, error) { return 1 + a + b, nil }, in[0], in[1])
	default:
		step = pipeline.Func3(name, func(_ context.Context, a, b, c int) (int, error) { return 1 + a + b + c, nil }, in[0], in[1], in[2])
	}
	d.pipeline.Step(step)
	d.steps, d.values = append(d.steps, step), append(d.values, value)
}

// run runs the pipeline and looks at the results.
func (d *dag) run(ctx context.Context, o *pipeline.Orchestrator) error {
	run, err := o.Run(ctx, d.pipeline)
	if err != nil {
		return err
	}
	for i, step := range d.steps {
		got, err := step.Result(ctx, run)
		if err != nil {
			return err
		}
		if got != d.values[i] {
			return fmt.Errorf("run %s: step %d has made %d, want %d", run.ID, i, got, d.values[i])
		}
	}
	for _, s := range run.Steps {
		if s.Attempts != 1 {
			return fmt.Errorf("run %s: step %s took %d attempts", run.ID, s.Name, s.Attempts)
		}
	}
	return nil
}
