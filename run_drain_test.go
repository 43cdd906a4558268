package pipeline_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// drainOnceWatched drains a run whose step runs and whose client has its watches, in a bubble.
func drainOnceWatched(t *testing.T, h *pipeline.Handle, running <-chan struct{}) {
	t.Helper()
	<-running
	synctest.Wait()
	if err := h.Drain(t.Context(), "enough for today"); err != nil {
		t.Error(err)
	}
	synctest.Wait()
}

func TestDrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p, running := heldPipeline(release)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		go func() {
			drainOnceWatched(t, h, running)
			close(release)
		}()
		run, err := h.Wait(t.Context())
		if err == nil || run.Outcome != pipeline.Stopped || run.Message != "enough for today" {
			t.Errorf("run = %s (%s), %v, want it stopped for the reason of the drain", run.Outcome, run.Message, err)
		}
		want := map[string]pipeline.Outcome{"slow": pipeline.Succeeded, "after": pipeline.Skipped}
		if diff := cmp.Diff(want, outcomes(run)); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		synctest.Wait()
		if how := finished(t, c, run.ID); how != "Failed" {
			t.Errorf("the Job ended as %q, want Failed: the orchestrator has to agree", how)
		}
	})
}

func TestDrainThatCutsNothingShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, running := held(release)
		p := pipeline.New("p").Step(slow)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		go func() {
			drainOnceWatched(t, h, running)
			close(release)
		}()
		if run, err := h.Wait(t.Context()); err != nil || run.Outcome != pipeline.Succeeded {
			t.Errorf("run = %s, %v, want it to have succeeded", run.Outcome, err)
		}
	})
}

func TestDrainOutlivesTheOrchestrator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p, running := heldPipeline(release)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		go func() {
			drainOnceWatched(t, h, running)
			c.KillOrchestrator()
			close(release)
		}()
		run, _ := h.Wait(t.Context())
		want := map[string]pipeline.Outcome{"slow": pipeline.Succeeded, "after": pipeline.Skipped}
		if diff := cmp.Diff(want, outcomes(run)); diff != "" || run.Outcome != pipeline.Stopped {
			t.Errorf("the run ended as %s, want Stopped; outcomes (-want +got):\n%s", run.Outcome, diff)
		}
		for _, step := range c.Started() {
			if step == "after" {
				t.Error("the second orchestrator started a step of a run that was drained")
			}
		}
	})
}

func TestStopAfterADrain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, running := hanging()
		p := pipeline.New("p").Step(hang)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		go func() {
			drainOnceWatched(t, h, running)
			if err := h.Stop(t.Context(), "at once"); err != nil {
				t.Error(err)
			}
		}()
		run, _ := h.Wait(t.Context())
		if run.Outcome != pipeline.Stopped || run.Message != "at once" {
			t.Errorf("run = %s (%s), want it stopped for the reason of the stop", run.Outcome, run.Message)
		}
	})
}
