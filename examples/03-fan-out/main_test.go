package main

import (
	"context"
	"fmt"
	"sync"
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestEveryDartCounts(t *testing.T) {
	t.Parallel()
	for _, throwers := range []int{1, 2, 5} {
		p, sum := fanOut(throwers)
		run := k8sorchtest.Run(t, p, pipeline.SetText("darts", "100"))
		hits, err := sum.Result(t.Context(), run)
		if err != nil || hits.Thrown != 100*throwers {
			t.Errorf("%d steps have thrown %d darts (%v), want %d", throwers, hits.Thrown, err, 100*throwers)
		}
	}
}

// TestFirstStepsRunSideBySide has those who throw wait for each other: the run would have no end if they did not run at once.
func TestFirstStepsRunSideBySide(t *testing.T) {
	t.Parallel()
	const throwers = 4
	p, _ := fanOut(throwers)
	c := k8sorchtest.New(t, p)
	var begun sync.WaitGroup
	begun.Add(throwers)
	for i := range throwers {
		c.Replace(fmt.Sprintf("throw-%d", i+1), func(context.Context) (Hits, error) {
			begun.Done()
			begun.Wait()
			return Hits{}, nil
		})
	}
	if _, err := c.Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}
