package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// reopened opens a run as another process would.
func reopened(t *testing.T, c *k8sorchtest.Cluster, p *pipeline.Pipeline, run string) *pipeline.Handle {
	t.Helper()
	h, err := c.Orchestrator().Open(c.Context(t.Context()), p, run)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func statusOf(t *testing.T, c *k8sorchtest.Cluster, p *pipeline.Pipeline, run string) *pipeline.Run {
	t.Helper()
	status, err := reopened(t, c, p, run).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// submitted returns a run that was just submitted.
func submitted(t *testing.T, c *k8sorchtest.Cluster, p *pipeline.Pipeline) *pipeline.Handle {
	t.Helper()
	h, err := c.Orchestrator().Submit(c.Context(t.Context()), p)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestStatus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, running := held(release)
		p := pipeline.New("p").Step(pipeline.Func("after", increment, slow))
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		<-running
		synctest.Wait()
		run := statusOf(t, c, p, h.ID)
		want := &pipeline.Run{
			ID: h.ID, Pipeline: "p", State: pipeline.RunRunning, Submitted: run.Submitted,
			Steps: []pipeline.StepRun{{Name: "slow", State: "Running", Attempts: 1}, {Name: "after", State: "Pending"}},
		}
		times := cmpopts.IgnoreFields(pipeline.StepRun{}, "Started", "Finished", "UID", "Size")
		if diff := cmp.Diff(want, run, times, cmp.FilterPath(unexported, cmp.Ignore())); diff != "" {
			t.Errorf("while it runs (-want +got):\n%s", diff)
		}
		close(release)
		synctest.Wait()
		run = statusOf(t, c, p, h.ID)
		want.State, want.Outcome, want.Finished = pipeline.RunDone, pipeline.Succeeded, run.Finished
		want.Steps = []pipeline.StepRun{
			{Name: "slow", Outcome: pipeline.Succeeded, Attempts: 1}, {Name: "after", Outcome: pipeline.Succeeded, Attempts: 1},
		}
		if diff := cmp.Diff(want, run, times, cmp.FilterPath(unexported, cmp.Ignore())); diff != "" {
			t.Errorf("at its end (-want +got):\n%s", diff)
		}
		if got, err := slow.Result(t.Context(), run); err != nil || got != 1 || run.Finished.IsZero() {
			t.Errorf("the result is %d, %v and the end %s, want 1 and a time", got, err, run.Finished)
		}
	})
}

// TestStatusIsWhatAWaitReturns compares the look at a run that has ended with what following it to its end has found.
func TestStatusIsWhatAWaitReturns(t *testing.T) {
	t.Parallel()
	bad := func() *pipeline.Step[int] {
		return pipeline.Func0("bad", func(context.Context) (int, error) { return 0, errors.New("no rows") })
	}
	nothing := func(context.Context, pipeline.RunEnd) error { return nil }
	tests := map[string]*pipeline.Pipeline{
		"failed":     pipeline.New("p").Step(pipeline.Func("after", increment, bad())),
		"with hooks": pipeline.New("p").Step(bad()).OnFailure("tell", nothing).OnSuccess("cheer", nothing),
	}
	for name, p := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := k8sorchtest.New(t, p)
				want, _ := c.Run(t.Context(), p)
				synctest.Wait()
				got := statusOf(t, c, p, want.ID)
				ignored := []cmp.Option{
					cmpopts.IgnoreFields(pipeline.Run{}, "Finished"), cmpopts.IgnoreFields(pipeline.StepRun{}, "Log"),
					cmp.FilterPath(unexported, cmp.Ignore()),
				}
				if diff := cmp.Diff(want, got, ignored...); diff != "" {
					t.Errorf("status (-waited +looked):\n%s", diff)
				}
			})
		})
	}
}

func TestStatusOfARunThatStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p, running := heldPipeline(release)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		drainOnceWatched(t, h, running)
		if run := statusOf(t, c, p, h.ID); run.State != pipeline.RunStopping || run.Message != "enough for today" || run.Outcome != "" {
			t.Errorf("the run is %s (%s) %s, want it to be stopping for the reason of the drain", run.State, run.Message, run.Outcome)
		}
		close(release)
		synctest.Wait()
		run := statusOf(t, c, p, h.ID)
		if run.State != pipeline.RunDone || run.Outcome != pipeline.Stopped || run.Message != "enough for today" {
			t.Errorf("the run is %s, %s (%s), want it stopped for the reason of the drain", run.State, run.Outcome, run.Message)
		}
		want := map[string]pipeline.Outcome{"slow": pipeline.Succeeded, "after": pipeline.Skipped}
		if diff := cmp.Diff(want, outcomes(run)); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
	})
}

func TestDeleteTakesTheRunAway(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	h := reopened(t, c, p, run.ID)
	for range 2 { // One that is gone is no error.
		if err := h.Delete(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Status(t.Context()); !errors.Is(err, pipeline.ErrNoRun) {
		t.Errorf("error %v, want %v", err, pipeline.ErrNoRun)
	}
}
