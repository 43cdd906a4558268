package cli

import (
	"context"
	"fmt"
	"os"

	"github.com/org/k8sorch"
)

// cachingProgram has two cached steps, which say that they are called.
func cachingProgram() {
	rows, scale := pipeline.Param("rows", 3), pipeline.Param("scale", 10)
	load := pipeline.Func("load", func(_ context.Context, n int) ([]int, error) {
		fmt.Fprintln(os.Stderr, "loading")
		return make([]int, n), nil
	}, rows)
	count := pipeline.Func2("count", func(_ context.Context, s []int, by int) (int, error) {
		fmt.Fprintln(os.Stderr, "counting")
		return len(s) * by, nil
	}, load, scale)
	p := pipeline.New("count").Step(count).Settings(pipeline.KubernetesOrchestratorSettings{EnableCache: new(true)})
	Main(p, Report(func(ctx context.Context, run *pipeline.Run) error {
		n, err := count.Result(ctx, run)
		fmt.Println(n)
		return err
	}))
}
