package main

import (
	"context"

	"go.uber.org/zap"

	pipeline "github.com/org/k8sorch"
)

// mended has a step that succeeds, one whose attempts end as the parameter says, none of which the run itself repeats, and
// one after that.
func mended() *pipeline.Pipeline {
	ends := pipeline.Param("ends", "succeed").Usage("how each attempt ends, in order: succeed, fail, hang; commas between")
	first := pipeline.Func0("first", func(context.Context) (string, error) { return "first", nil })
	try := pipeline.Func("try", try, ends).After(first)
	last := pipeline.Func2("last", func(_ context.Context, n int, text string) (int, error) { return n + len(text), nil }, try, first)
	return pipeline.New("mended").Step(last).OnExit("clean", func(ctx context.Context, end pipeline.RunEnd) error {
		pipeline.Logger(ctx).Info("cleans", zap.String("after", string(end.Outcome)))
		return nil
	})
}
