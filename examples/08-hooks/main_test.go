package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestHooksOfEachEnd(t *testing.T) {
	t.Parallel()
	for broken, want := range map[string][]string{"false": {"announce", "tidy"}, "true": {"alarm", "tidy"}} {
		p, _ := hooks()
		run, err := k8sorchtest.New(t, p).Run(t.Context(), p, pipeline.SetText("broken", broken))
		if failed := err != nil; failed != (broken == "true") {
			t.Fatalf("the run ended with %v", err)
		}
		var got []string
		for _, hook := range run.Hooks {
			got = append(got, hook.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("hooks when broken is %s (-want +got):\n%s", broken, diff)
		}
	}
}
