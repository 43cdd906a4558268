package main

import (
	"context"

	"go.uber.org/zap"

	pipeline "github.com/org/k8sorch"
)

// hooked has a step that ends as its parameter says, and a hook of each kind, of which that for every end is the given one.
func hooked(name string, clean func(context.Context, pipeline.RunEnd) error) *pipeline.Pipeline {
	ends := pipeline.Param("ends", "succeed").Usage("how the step ends: succeed, fail, hang")
	return pipeline.New(name).Step(pipeline.Func("work", try, ends)).
		OnSuccess("celebrate", logEnd).OnFailure("alarm", logEnd).OnExit("clean", clean)
}

// logEnd logs how the run has ended, as hooks are told.
func logEnd(ctx context.Context, end pipeline.RunEnd) error {
	pipeline.Logger(ctx).Info("the run has ended", zap.String("as", string(end.Outcome)))
	return nil
}

// logEndAtGate waits until the test opens a gate, and logs how the run has ended.
func logEndAtGate(ctx context.Context, end pipeline.RunEnd) error {
	if err := waitAt(ctx, "clean"); err != nil {
		return err
	}
	return logEnd(ctx, end)
}
