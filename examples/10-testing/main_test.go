package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// TestForecast runs all of it: each step has its own function, in a pod of its own.
func TestForecast(t *testing.T) {
	t.Parallel()
	p := newForecast()
	run := k8sorchtest.Run(t, p.Pipeline)
	best, err := p.train.Result(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if best != 5 {
		t.Errorf("at most %d orders, want 5", best)
	}
}

// TestEmptyDatabase gives the first step a value: its function is not called. The failure of the second one is final.
func TestEmptyDatabase(t *testing.T) {
	t.Parallel()
	p := newForecast()
	c := k8sorchtest.New(t, p.Pipeline)
	k8sorchtest.Return(c, p.load, nil)
	run, err := c.Run(t.Context(), p.Pipeline)
	if err == nil {
		t.Fatal("the run has succeeded")
	}
	step, _ := run.Step("train")
	if step.Outcome != pipeline.Failed || step.Attempts != 1 || step.Message != errEmpty.Error() {
		t.Errorf("train ended as %s (%s) after %d attempts, want it to have failed once", step.Outcome, step.Message, step.Attempts)
	}
}

// TestDatabaseIsClosedAtNight puts another function in the place of the first step's. Its retries wait for an hour each, which
// in a bubble of synctest takes no time.
func TestDatabaseIsClosedAtNight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newForecast()
		c := k8sorchtest.New(t, p.Pipeline)
		opens := time.Now().Add(8 * time.Hour)
		c.Replace("load", func(context.Context) ([]int, error) {
			if time.Now().Before(opens) {
				return nil, errClosed
			}
			return []int{2, 7, 1}, nil
		})
		run, err := c.Run(t.Context(), p.Pipeline)
		if err != nil {
			t.Fatal(err)
		}
		if step, _ := run.Step("load"); step.Attempts != 9 {
			t.Errorf("load has had %d attempts, want 9: one at once, and one after each hour", step.Attempts)
		}
	})
}

// TestNodeIsLostInTheNight takes the pod of the second step away in the middle of two days. That is no failure of the step, which
// may not fail: it is begun again.
func TestNodeIsLostInTheNight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newForecast()
		c := k8sorchtest.New(t, p.Pipeline)
		began := time.Now()
		time.AfterFunc(20*time.Hour, func() { c.LoseNode("train") })
		run, err := c.Run(t.Context(), p.Pipeline, p.takes.Set(48*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		step, _ := run.Step("train")
		if took := time.Since(began); step.Attempts != 2 || took < 68*time.Hour {
			t.Errorf("train has had %d attempts, in %s; want 2, in 68 hours or more", step.Attempts, took)
		}
	})
}
