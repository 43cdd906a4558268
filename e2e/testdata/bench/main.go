// Command bench submits a run of one of the benchmark's graphs, whose steps do nothing, and prints its id. In the run's pods
// it is orchestrator and step.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/e2e/testdata/given"
)

func main() {
	text := flag.String("shape", "", "the graph: "+shape.Forms)
	noop := flag.Bool("noop", false, "end at once, as the Jobs do that it is compared with")
	flag.Parse()
	if *noop {
		return
	}
	if err := run(*text); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(text string) error {
	s, err := shape.Parse(text)
	if err != nil {
		return err
	}
	if err := profile(); err != nil {
		return err
	}
	config := given.Config()
	config.Kubeconfig, config.Namespace = os.Getenv("KUBECONFIG"), os.Getenv("NAMESPACE")
	config.Registry = os.Getenv("K8SORCH_E2E_REGISTRY")
	h, err := pipeline.NewOrchestrator(config).Submit(context.Background(), pipelineOf(s))
	if err != nil {
		return err
	}
	fmt.Println(h.ID)
	return nil
}

// pipelineOf returns the shape as a pipeline, with as many further attempts for each step as it needs. A step takes the values of the steps before it where there are one or two, and
// only waits for them where there are more.
func pipelineOf(s shape.Shape) *pipeline.Pipeline {
	p := pipeline.New("bench")
	steps := make([]*pipeline.Step[int], len(s.Steps))
	for i, step := range s.Steps {
		var before []pipeline.Node
		for _, j := range step.Needs {
			before = append(before, steps[j])
		}
		switch len(step.Needs) {
		case 1:
			steps[i] = pipeline.Func(step.Name, func(_ context.Context, a int) (int, error) { return a, nil }, steps[step.Needs[0]])
		case 2:
			steps[i] = pipeline.Func2(step.Name, func(_ context.Context, a, b int) (int, error) { return max(a, b), nil }, steps[step.Needs[0]], steps[step.Needs[1]])
		default:
			steps[i] = pipeline.Func0(step.Name, func(context.Context) (int, error) { return 1, nil }).After(before...)
		}
		if step.Fails > 0 {
			steps[i].Retry(pipeline.Retry{MaxRetries: step.Fails})
		}
		p.Step(steps[i])
	}
	return p
}
