package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	warm, quick, slow := cell("warm", "chain:1"), cell("quick", "chain:2"), cell("slow", "chain:3")
	s := series{Rounds: 3, Warmup: []figures.Cell{warm}, Cells: []figures.Cell{quick}, Slow: []figures.Cell{slow}}
	want := [][]figures.Cell{{warm}, {quick, slow}, {quick, slow}, {quick}}
	if diff := cmp.Diff(want, s.turns()); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}
