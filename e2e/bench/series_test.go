package main

import (
	"testing"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
	"github.com/org/k8sorch/e2e/bench/shape"
)

// TestSeriesCanBeRun finds mistakes before hours have gone by.
func TestSeriesCanBeRun(t *testing.T) {
	t.Parallel()
	for set, all := range map[string][]series{"short": short(1), "full": full(1)} {
		known := map[string]bool{}
		for _, s := range all {
			if known[s.Name] {
				t.Errorf("%s: two series are called %q", set, s.Name)
			}
			known[s.Name] = true
			for _, c := range append(s.Warmup, s.Cells...) {
				wantCell(t, set+", "+s.Name, c)
			}
		}
	}
}

func wantCell(t *testing.T, of string, c figures.Cell) {
	t.Helper()
	s, err := shape.Parse(c.Shape)
	switch {
	case err != nil:
		t.Errorf("%s: %v", of, err)
	case s.Retries() && c.OfJobs():
		t.Errorf("%s: %s would run %s, and does not try again", of, c.System, c.Shape)
	}
}
