package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/org/k8sorch"
)

// hookedProgram is the main function of a program with hooks, which print what they are given. Its step ends in the way
// that the parameter says.
func hookedProgram() {
	how := pipeline.Param("how", "well")
	step := pipeline.Func("step", func(ctx context.Context, how string) (int, error) {
		if path, ok := strings.CutPrefix(how, "needs "); ok {
			_, err := os.Stat(path)
			return 1, err
		}
		switch how {
		case "badly":
			return 0, fmt.Errorf("it went %s", how)
		case "late":
			<-ctx.Done()
			return 0, context.Cause(ctx)
		}
		return 1, nil
	}, how)
	after := pipeline.Func("after", func(_ context.Context, n int) (int, error) { return n, nil }, step)
	Main(pipeline.New("hooked").Step(after).
		OnSuccess("celebrate", printEnd).
		OnFailure("alarm", printEnd).
		OnExit("clean", func(_ context.Context, end pipeline.RunEnd) error {
			return pipeline.Permanent(fmt.Errorf("cannot clean up after %s", end.Run))
		}))
}

func printEnd(ctx context.Context, end pipeline.RunEnd) error {
	fmt.Printf("%s: %s ended as %s %s\n", pipeline.AttemptInfo(ctx).Step, end.Pipeline, end.Outcome, end.Message)
	for _, step := range end.Steps {
		fmt.Printf("%s: %s %s %s\n", step.Name, step.Outcome, step.Reason, step.Message)
	}
	return nil
}
