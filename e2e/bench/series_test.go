package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

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
	case c.AtOnce > 0 && (c.OfJobs() || c.Kill):
		t.Errorf("%s: %s cannot be run %d times at once", of, c.System, c.AtOnce)
	}
}

func TestParts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		series series
		want   []string
	}{
		{series{}, []string{"-control-plane"}},
		{series{Tuned: true}, []string{"-control-plane", "-tuned"}},
		{series{Scheduler: true}, []string{"-control-plane", "-scheduler"}},
		{series{Node: true}, nil},
	} {
		if diff := cmp.Diff(test.want, test.series.parts()); diff != "" {
			t.Errorf("%+v: flags (-want +got):\n%s", test.series, diff)
		}
	}
}
