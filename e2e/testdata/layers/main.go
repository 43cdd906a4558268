// Command layers has pipelines of layers of steps, each of which needs every step of the layer before and takes as long as
// a parameter says. The variable LAYERS chooses the one that the client runs; its pods find theirs by themselves.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

func main() {
	pipelines := []*pipeline.Pipeline{layers("layers", 4, 2), layers("chain", 20, 1)}
	if err := pipeline.NewOrchestrator(pipeline.Config{}).Dispatch(context.Background(), pipelines...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(cli.ExitUsage)
	}
	for _, p := range pipelines {
		if p.Name() == os.Getenv("LAYERS") {
			cli.Main(p, cli.WithConfig(given.Config()))
		}
	}
	fmt.Fprintln(os.Stderr, "LAYERS names no pipeline")
	os.Exit(cli.ExitUsage)
}

func layers(name string, depth, width int) *pipeline.Pipeline {
	pause := pipeline.Param("pause", time.Duration(0)).Usage("how long each step takes")
	var before []*pipeline.Step[int]
	for layer := range depth {
		var steps []*pipeline.Step[int]
		for i := range width {
			steps = append(steps, step(fmt.Sprintf("step-%d-%d", layer, i), before, pause))
		}
		before = steps
	}
	p := pipeline.New(name)
	for _, last := range before {
		p.Step(last)
	}
	return p
}

// step returns one that adds up what the steps before it have made, of which there are two at most.
func step(name string, before []*pipeline.Step[int], pause pipeline.Source[time.Duration]) *pipeline.Step[int] {
	switch len(before) {
	case 0:
		return pipeline.Func(name, func(ctx context.Context, d time.Duration) (int, error) { return 1, wait(ctx, d) }, pause)
	case 1:
		return pipeline.Func2(name, func(ctx context.Context, a int, d time.Duration) (int, error) { return a, wait(ctx, d) }, before[0], pause)
	}
	add := func(ctx context.Context, a, b int, d time.Duration) (int, error) { return a + b, wait(ctx, d) }
	return pipeline.Func3(name, add, before[0], before[1], pause)
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
