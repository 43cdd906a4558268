package main

import (
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

// TestFirstStepsStartSideBySide shows that those who throw wait for nobody.
func TestFirstStepsStartSideBySide(t *testing.T) {
	t.Parallel()
	p, _ := fanOut(4)
	c := k8sorchtest.New(t, p)
	if _, err := c.Run(t.Context(), p, pipeline.SetText("darts", "1")); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, step := range c.Started()[:4] {
		seen[step] = true
	}
	for _, step := range []string{"throw-1", "throw-2", "throw-3", "throw-4"} {
		if !seen[step] {
			t.Errorf("started: %v; want %s among the first four", c.Started(), step)
		}
	}
}
