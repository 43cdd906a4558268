package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// TestParameters gives a run its parameters as text, as the command line does.
func TestParameters(t *testing.T) {
	t.Parallel()
	p, alarms := sensors()
	run := k8sorchtest.Run(t, p, pipeline.SetText("every", "12h"), pipeline.SetText("limits", `{"low": 20, "high": 25}`))
	got, err := alarms.Result(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"attic": 1, "cellar": 2}, got); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
}
