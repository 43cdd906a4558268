package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

func TestMeasured(t *testing.T) {
	t.Parallel()
	got, err := measured([]byte(`goos: linux
pkg: github.com/org/k8sorch/internal/engine
BenchmarkMachine/narrow_fan/100000-2         	       2	 500000000 ns/op	    600000 events/s	       102.5 MiB-held
BenchmarkPush/changed                        	       4	 250000000 ns/op	  48.00 MB/s
PASS
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []figures.Result{
		{
			Cell:     figures.Cell{System: "Machine/narrow_fan/100000"},
			Measured: map[string]float64{"sec/op": 0.5, "events/s": 600_000, "MiB-held": 102.5},
		},
		{Cell: figures.Cell{System: "Push/changed"}, Measured: map[string]float64{"sec/op": 0.25, "B/s": 48e6}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	for _, said := range []string{"PASS\n", "BenchmarkPush 1\n"} {
		if _, err := measured([]byte(said)); err == nil {
			t.Errorf("%q was read as benchmarks", said)
		}
	}
}

// TestMeasure runs benchmarks of the module.
func TestMeasure(t *testing.T) {
	t.Parallel()
	o := options{source: "../.."}
	results, err := o.inOneProcess(t.Context(), series{Name: figures.OneProcess, Rounds: 1, Benchmarks: []benchmarks{
		{"./internal/engine", "^BenchmarkMachine$/^chain$/^1000$", "1x"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 || results[0].Round != 1 || results[0].Series != figures.OneProcess || results[0].Measured["events/s"] <= 0 {
		t.Errorf("results %+v, want one with events per second", results)
	}
	_, err = o.inOneProcess(t.Context(), series{Rounds: 1, Benchmarks: []benchmarks{{"./internal/engine", "^BenchmarkNothing$", "1x"}}})
	if err == nil || !strings.Contains(err.Error(), "BenchmarkNothing") {
		t.Errorf("error %v, want one that names what there is not", err)
	}
}
