package main

import (
	"context"
	"errors"
	"os"

	pipeline "github.com/org/k8sorch"
)

// siblings has a step that fails beside one that runs, and a step after the latter. MODE is the execution mode.
func siblings() *pipeline.Pipeline {
	fails := pipeline.Func0("fails", func(ctx context.Context) (pipeline.None, error) {
		if err := waitAt(ctx, "fail"); err != nil {
			return pipeline.None{}, err
		}
		return pipeline.None{}, errors.New("as it was told to")
	})
	runs := pipeline.Func0("runs", func(ctx context.Context) (int, error) { return 1, waitAt(ctx, "finish") })
	follows := pipeline.Func("follows", func(_ context.Context, n int) (int, error) { return n + 1, nil }, runs)
	return pipeline.New("siblings").Step(fails, follows).Settings(modeOf(os.Getenv("MODE")))
}

// modeOf makes settings of an execution mode. Pods find it in the plan.
func modeOf(mode string) (s pipeline.KubernetesOrchestratorSettings) {
	if mode != "" {
		s.ExecutionMode = new(pipeline.ExecutionMode(mode))
	}
	return s
}
