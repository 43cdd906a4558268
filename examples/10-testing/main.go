// Testing is a pipeline with much that is in a test's way: a database that is somewhere else, a step that takes its time, and
// failures that are waited out.
package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// errClosed is what the database says at night.
var errClosed = errors.New("the database is closed")

// errEmpty is an error that another attempt would meet again.
var errEmpty = errors.New("there are no orders")

// load stands for a query of a database.
func load(context.Context) ([]int, error) {
	return []int{3, 1, 4, 1, 5}, nil
}

// train stands for a computation that takes long.
func train(ctx context.Context, orders []int, takes time.Duration) (best int, _ error) {
	if len(orders) == 0 {
		return 0, pipeline.Permanent(errEmpty)
	}
	select {
	case <-time.After(takes):
		return slices.Max(orders), nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// forecast is the pipeline, with what its tests ask for. Main and the tests declare it in the same way.
type forecast struct {
	*pipeline.Pipeline
	takes *pipeline.Parameter[time.Duration]
	load  *pipeline.Step[[]int]
	train *pipeline.Step[int]
}

func newForecast() forecast {
	takes := pipeline.Param("takes", 10*time.Millisecond).Usage("how long training takes")
	orders := pipeline.Func0("load", load).Retry(pipeline.Retry{
		MaxRetries: 12, Delay: time.Hour,
		If: func(err error) bool { return errors.Is(err, errClosed) },
	})
	best := pipeline.Func2("train", train, orders, takes)
	return forecast{pipeline.New("testing").Step(best), takes, orders, best}
}

func main() {
	p := newForecast()
	cli.Main(p.Pipeline, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		best, err := p.train.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Println("at most", best, "orders")
		return nil
	}))
}
