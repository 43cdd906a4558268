package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

func TestTurns(t *testing.T) {
	t.Parallel()
	quick, slow := cell("quick", "chain:2"), cell("slow", "chain:3")
	s := series{Rounds: 3, Cells: []figures.Cell{quick}, Slow: []figures.Cell{slow}}
	if diff := cmp.Diff([]turn{{1, quick}, {1, slow}, {2, slow}, {2, quick}, {3, quick}}, s.turns()); diff != "" {
		t.Errorf("turns (-want +got):\n%s", diff)
	}
}

func TestShares(t *testing.T) {
	t.Parallel()
	warm, half, much := turn{0, cell("warm", "chain:9")}, cell("half", "chain:4000"), cell("much", "chain:10000")
	many := figures.Cell{System: "many", Shape: "chain:40", AtOnce: 100}
	for name, tt := range map[string]struct {
		rounds int
		cells  []figures.Cell
		want   [][]turn
	}{
		"one that is enough":      {1, []figures.Cell{half, half}, [][]turn{{warm, {1, half}, {1, half}}}},
		"one for each two":        {2, []figures.Cell{half, many}, [][]turn{{warm, {1, half}, {1, many}}, {warm, {2, many}, {2, half}}}},
		"one for each large run":  {2, []figures.Cell{much}, [][]turn{{warm, {1, much}}, {warm, {2, much}}}},
		"across the end of round": {3, []figures.Cell{half}, [][]turn{{warm, {1, half}, {2, half}}, {warm, {3, half}}}},
	} {
		s := series{Rounds: tt.rounds, Warmup: []figures.Cell{warm.Cell}, Cells: tt.cells}
		shares, err := s.shares()
		if err != nil {
			t.Fatal(err)
		}
		var got [][]turn
		for _, share := range shares {
			got = append(got, share.Turns)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := (series{Rounds: 1, Cells: []figures.Cell{cell("wrong", "circle:1")}}).shares(); err == nil {
		t.Error("a shape that there is not was divided")
	}
}
