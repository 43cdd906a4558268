package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitHoldsOutTheSameShareOfEverySpecies(t *testing.T) {
	t.Parallel()
	want := [numSpecies]int{Adelie: 45, Chinstrap: 20, Gentoo: 37} // 30 % of 151, 68 and 123
	for seed := range int64(20) {
		var got [numSpecies]int
		for s, group := range bySpecies(mustSplit(t, 344, seed).Test) {
			got[s] = len(group)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d: test rows per species (-want +got):\n%s", seed, diff)
		}
	}
}

func TestSplitUsesEveryPenguinOnce(t *testing.T) {
	t.Parallel()
	data := mustLoad(t, 344)
	split := mustSplit(t, 344, 1)
	want, got := sorted(data.Penguins), sorted(slices.Concat(split.Train, split.Test))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("penguins (-want +got):\n%s", diff)
	}
}

func TestSplitFollowsTheSeed(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(mustSplit(t, 344, 7), mustSplit(t, 344, 7)); diff != "" {
		t.Errorf("the same seed gave two splits:\n%s", diff)
	}
	if cmp.Equal(mustSplit(t, 344, 7), mustSplit(t, 344, 8)) {
		t.Error("seeds 7 and 8 gave the same split")
	}
}

func TestSplitLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	data := mustLoad(t, 344)
	if _, err := splitRows(t.Context(), data, 1); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(mustLoad(t, 344), data); diff != "" {
		t.Errorf("the data changed (-before +after):\n%s", diff)
	}
}

func TestSplitNeedsSomeOfEachSpecies(t *testing.T) {
	t.Parallel()
	_, err := splitRows(t.Context(), mustLoad(t, 20), 1)
	if err == nil || !strings.Contains(err.Error(), "Chinstrap") || !strings.Contains(err.Error(), "raise rows") {
		t.Errorf("splitRows of 20 rows: error = %v, want one that names the species and the remedy", err)
	}
}

func mustSplit(t *testing.T, limit int, seed int64) Split {
	t.Helper()
	split, err := splitRows(t.Context(), mustLoad(t, limit), seed)
	if err != nil {
		t.Fatal(err)
	}
	return split
}

func sorted(penguins []Penguin) []string {
	var lines []string
	for _, p := range penguins {
		lines = append(lines, fmt.Sprint(p.Species, p.Features))
	}
	slices.Sort(lines)
	return lines
}
