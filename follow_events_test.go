package pipeline_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// done returns the outcomes of the steps that events tell of, to the end of the events.
func done(ctx context.Context, h *pipeline.Handle) map[string]pipeline.Outcome {
	all := map[string]pipeline.Outcome{}
	for e := range h.Events(ctx) {
		if e.Kind == pipeline.StepChanged && e.State == "Done" {
			all[e.Step] = e.Outcome
		}
	}
	return all
}

// TestEventsForSeveralFollowers has a run followed by three loops and a Wait at once, on two handles.
func TestEventsForSeveralFollowers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p, running := heldPipeline(release)
		c := k8sorchtest.New(t, p)
		first := submitted(t, c, p)
		second, err := c.Orchestrator().Open(c.Context(t.Context()), p, first.ID)
		if err != nil {
			t.Fatal(err)
		}
		var following sync.WaitGroup
		seen := make([]map[string]pipeline.Outcome, 3)
		for i, h := range []*pipeline.Handle{first, first, second} {
			following.Go(func() { seen[i] = done(t.Context(), h) })
		}
		<-running
		close(release)
		if _, err := first.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		following.Wait()
		all := map[string]pipeline.Outcome{"slow": pipeline.Succeeded, "after": pipeline.Succeeded}
		if diff := cmp.Diff([]map[string]pipeline.Outcome{all, all, all}, seen); diff != "" {
			t.Errorf("what the followers saw (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(all, done(t.Context(), second)); diff != "" {
			t.Errorf("what one sees that comes after the end (-want +got):\n%s", diff)
		}
	})
}

// TestEventsEndWithTheLoop leaves a loop, and then the context: the bubble fails the test if anything goes on following.
func TestEventsEndWithTheLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, running := held(release)
		p := pipeline.New("p").Step(slow)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		<-running
		for e := range h.Events(t.Context()) {
			if e.State == "Running" {
				break
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range h.Events(ctx) {
			cancel()
		}
		cancel()
		close(release)
		if run, err := h.Wait(t.Context()); err != nil || run.Outcome != pipeline.Succeeded {
			t.Errorf("the run ended as %s, %v, want it to have gone on", run.Outcome, err)
		}
	})
}

// TestOrchestratorsDoNotDisturbEachOther runs two pipelines of the same name on two clusters at once: what one orchestrator
// is told is of its own run.
func TestOrchestratorsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	type side struct {
		run    *pipeline.Run
		result int
		told   map[string]bool
	}
	play := func(value int) (s side, err error) {
		a := pipeline.Func0("a", func(context.Context) (int, error) { return value, nil })
		p := pipeline.New("p").Step(a)
		c := k8sorchtest.New(t, p)
		s.told = map[string]bool{}
		o := c.Orchestrator(pipeline.WithEvents(func(e pipeline.Event) { s.told[e.Run] = true }))
		if s.run, err = o.Run(c.Context(t.Context()), p); err != nil {
			return s, err
		}
		s.result, err = a.Result(t.Context(), s.run)
		return s, err
	}
	sides, errs := make([]side, 2), make([]error, 2)
	var both sync.WaitGroup
	for i := range sides {
		both.Go(func() { sides[i], errs[i] = play(i + 1) })
	}
	both.Wait()
	for i, s := range sides {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if diff := cmp.Diff(map[string]bool{s.run.ID: true}, s.told); diff != "" || s.result != i+1 {
			t.Errorf("orchestrator %d: result %d; runs that it was told of (-want +got):\n%s", i, s.result, diff)
		}
	}
}
