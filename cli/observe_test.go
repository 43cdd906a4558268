package cli

import (
	"context"
	"errors"

	"github.com/org/k8sorch"
)

// observedProgram has a step that says something of itself.
func observedProgram() {
	fail := pipeline.Param("fail", false)
	train := pipeline.Func("train", func(ctx context.Context, fail bool) (int, error) {
		pipeline.Progress(ctx, 0.5, "epoch 1 of 2")
		pipeline.SetMetadata(ctx, "source", "penguins")
		pipeline.SetMetric(ctx, "accuracy", 0.9375)
		if fail {
			return 0, errors.New("no luck")
		}
		return 1, nil
	}, fail)
	Main(pipeline.New("observed").Step(train))
}
