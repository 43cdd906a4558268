// Fan-out throws darts at a square in several steps side by side, and adds up what they hit to estimate π.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// Hits are how many of some darts hit the circle in the square.
type Hits struct{ Inside, Thrown int }

// throw returns the function of one of the steps. What it captures is the same in every process, since main computes it
// in each of them.
func throw(seed uint64) func(context.Context, int) (Hits, error) {
	return func(_ context.Context, darts int) (Hits, error) {
		random, hits := rand.New(rand.NewPCG(seed, 0)), Hits{Thrown: darts}
		for range darts {
			if x, y := random.Float64(), random.Float64(); x*x+y*y < 1 {
				hits.Inside++
			}
		}
		return hits, nil
	}
}

func add(_ context.Context, a, b Hits) (Hits, error) {
	return Hits{a.Inside + b.Inside, a.Thrown + b.Thrown}, nil
}

// fanOut declares as many steps as there are throwers, and steps that add them up two by two.
func fanOut(throwers int) (*pipeline.Pipeline, *pipeline.Step[Hits]) {
	darts := pipeline.Param("darts", 1_000_000).Usage("how many darts each step throws")
	var hits []*pipeline.Step[Hits]
	for i := range throwers {
		hits = append(hits, pipeline.Func(fmt.Sprintf("throw-%d", i+1), throw(uint64(i)), darts))
	}
	for n := 1; len(hits) > 1; n++ {
		sum := pipeline.Func2(fmt.Sprintf("add-%d", n), add, hits[0], hits[1])
		hits = append(hits[2:], sum)
	}
	return pipeline.New("fan-out").Step(hits[0]), hits[0]
}

func main() {
	const throwers = 4
	p, sum := fanOut(throwers)
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		hits, err := sum.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Printf("π is about %.2f, after %d darts\n", 4*float64(hits.Inside)/float64(hits.Thrown), hits.Thrown)
		return nil
	}))
}
