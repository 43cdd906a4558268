package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// TestValueIsTakenFromTheRunBefore counts the pods: a step whose value is there gets none.
func TestValueIsTakenFromTheRunBefore(t *testing.T) {
	t.Parallel()
	p, _ := caching()
	c := k8sorchtest.New(t, p)
	for _, text := range []string{"abba", "abba", "cabin"} {
		if _, err := c.Run(t.Context(), p, pipeline.SetText("text", text)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"embed", "search", "search", "embed", "search"}
	if diff := cmp.Diff(want, c.Started()); diff != "" {
		t.Errorf("started (-want +got):\n%s", diff)
	}
}
