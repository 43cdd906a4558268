// Command flaky is a pipeline whose first step fails once: its runs make use of every right that runs have.
package main

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

func main() {
	first := pipeline.Func0("first", failOnce).Retry(pipeline.Retry{MaxRetries: 1})
	second := pipeline.Func("second", greet, first)
	report := func(ctx context.Context, run *pipeline.Run) error {
		greeting, err := second.Result(ctx, run)
		fmt.Println(greeting)
		return err
	}
	cli.Main(pipeline.New("flaky").Step(second), cli.WithConfig(given.Config()), cli.Report(report))
}

func failOnce(ctx context.Context) (int, error) {
	attempt := pipeline.AttemptInfo(ctx).Attempt
	pipeline.Progress(ctx, 0.5, "half of it")
	pipeline.SetMetadata(ctx, "source", "nowhere")
	pipeline.SetMetric(ctx, "attempts", float64(attempt))
	if attempt == 1 {
		return 0, errors.New("not yet")
	}
	return attempt, nil
}

func greet(ctx context.Context, attempt int) (string, error) {
	pipeline.Logger(ctx).Info("greets", zap.Int("times", attempt))
	return fmt.Sprintf("hello after %d attempts", attempt), nil
}
