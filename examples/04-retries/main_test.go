package main

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestBusyServiceIsAskedAgain(t *testing.T) {
	t.Parallel()
	p, _ := rates()
	c := k8sorchtest.New(t, p)
	if _, err := c.Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"fetch", "fetch", "fetch", "parse"}, c.Started()); diff != "" {
		t.Errorf("started (-want +got):\n%s", diff)
	}
}

// TestUnknownCurrencyIsFinal has an error that If does not accept: three of the six attempts are made.
func TestUnknownCurrencyIsFinal(t *testing.T) {
	t.Parallel()
	p, _ := rates()
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p, pipeline.SetText("currency", "XXX"))
	if _, failed := errors.AsType[*pipeline.RunError](err); !failed {
		t.Fatalf("the error is %v, want a *RunError", err)
	}
	if fetch, _ := run.Step("fetch"); fetch.Attempts != 3 {
		t.Errorf("there were %d attempts, want 3", fetch.Attempts)
	}
	if parse, _ := run.Step("parse"); parse.Outcome != pipeline.Skipped {
		t.Errorf("the step after it is %s, want Skipped", parse.Outcome)
	}
}
