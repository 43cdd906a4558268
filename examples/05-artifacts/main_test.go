package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// TestEveryLineIsCounted has a log of less than 256 KiB, which needs no store.
func TestEveryLineIsCounted(t *testing.T) {
	t.Parallel()
	p, sum := artifacts()
	run := k8sorchtest.Run(t, p, pipeline.SetText("lines", "200"))
	got, err := sum.Result(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Summary{Bytes: 2*(9+6) + 198*(9+5), Lines: 200, Errors: 2}, got); diff != "" {
		t.Errorf("the summary (-want +got):\n%s", diff)
	}
}
