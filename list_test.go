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

func failIf(_ context.Context, bad bool) (int, error) {
	if bad {
		return 0, errors.New("as told")
	}
	return 1, nil
}

func listed(t *testing.T, c *k8sorchtest.Cluster, p *pipeline.Pipeline) []pipeline.RunInfo {
	t.Helper()
	runs, err := c.Orchestrator().List(c.Context(t.Context()), p)
	if err != nil {
		t.Fatal(err)
	}
	return runs
}

// TestList has a run that goes on and then is stopped, and one of another pipeline.
func TestList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p, running := heldPipeline(release)
		other := pipeline.New("other").Step(pipeline.Func0("a", number))
		c := k8sorchtest.New(t, p, other)
		if _, err := c.Run(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		stopped := submitted(t, c, p)
		<-running
		synctest.Wait()
		if diff := cmp.Diff([]pipeline.RunInfo{{ID: stopped.ID, Pipeline: "p", Namespace: k8sorchtest.Namespace, State: pipeline.RunRunning}},
			listed(t, c, p), cmpopts.IgnoreFields(pipeline.RunInfo{}, "Submitted")); diff != "" {
			t.Errorf("while it runs (-want +got):\n%s", diff)
		}
		if err := stopped.Stop(t.Context(), "too late"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		runs := listed(t, c, p)
		if len(runs) != 1 || runs[0].Finished.IsZero() || runs[0].Submitted.IsZero() {
			t.Fatalf("runs = %+v, want one with its times", runs)
		}
		want := []pipeline.RunInfo{{
			ID: stopped.ID, Pipeline: "p", Namespace: k8sorchtest.Namespace, State: pipeline.RunDone, Outcome: pipeline.Stopped, Message: "too late",
		}}
		if diff := cmp.Diff(want, runs, cmpopts.IgnoreFields(pipeline.RunInfo{}, "Submitted", "Finished")); diff != "" {
			t.Errorf("once it was stopped (-want +got):\n%s", diff)
		}
	})
}

func TestListTellsFailureFromSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bad := pipeline.Param("bad", false)
		p := pipeline.New("p").Step(pipeline.Func("fails", failIf, bad))
		c := k8sorchtest.New(t, p)
		good, err := c.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		failed, _ := c.Run(t.Context(), p, bad.Set(true))
		synctest.Wait()
		got := map[string]pipeline.Outcome{}
		for _, run := range listed(t, c, p) {
			got[run.ID] = run.Outcome
		}
		if diff := cmp.Diff(map[string]pipeline.Outcome{good.ID: pipeline.Succeeded, failed.ID: pipeline.Failed}, got); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
	})
}
