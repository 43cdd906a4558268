// Hooks runs functions at the end of a run, and tells them how it ended.
package main

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

func build(_ context.Context, broken bool) (int, error) {
	if broken {
		return 0, errors.New("the index is broken")
	}
	return 42, nil
}

// announce stands for a message to those who use the index. A hook is a process of its own, and its log is shown as that of
// a step.
func announce(ctx context.Context, end pipeline.RunEnd) error {
	pipeline.Logger(ctx).Info("a new index is there", zap.String("from", end.Run))
	return nil
}

// alarm stands for a message to those who have to look after it. It runs at least once, so it gives the message a key by
// which a second one is known.
func alarm(ctx context.Context, end pipeline.RunEnd) error {
	for _, step := range end.Steps {
		if step.Outcome == pipeline.Failed {
			pipeline.Logger(ctx).Warn("a step has failed", zap.String("key", end.Run+"/"+step.Name), zap.String("why", step.Message))
		}
	}
	return nil
}

// tidy runs after every run, however it ended.
func tidy(ctx context.Context, end pipeline.RunEnd) error {
	pipeline.Logger(ctx).Info("the scratch space is emptied", zap.String("after", string(end.Outcome)))
	return nil
}

func hooks() (*pipeline.Pipeline, *pipeline.Step[int]) {
	broken := pipeline.Param("broken", false).Usage("let the run fail")
	size := pipeline.Func("build", build, broken)
	p := pipeline.New("hooks").Step(size).OnSuccess("announce", announce).OnFailure("alarm", alarm).OnExit("tidy", tidy)
	return p, size
}

func main() {
	p, size := hooks()
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		n, err := size.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Println("entries:", n)
		return nil
	}))
}
