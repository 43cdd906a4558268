package pipeline_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// heldHook returns a pipeline with a hook that waits until release is closed, and what is closed once it runs.
func heldHook(release <-chan struct{}) (*pipeline.Pipeline, <-chan struct{}) {
	running := make(chan struct{})
	return pipeline.New("p").Step(pipeline.Func0("a", number)).OnExit("clean", func(context.Context, pipeline.RunEnd) error {
		close(running)
		<-release
		return nil
	}), running
}

func TestLogsOfAHookAreFollowed(t *testing.T) {
	t.Parallel()
	for step, want := range map[string][]logLine{
		"clean": {{"clean", "fake logs", 1}}, "": {{"a", "fake logs", 1}, {"clean", "fake logs", 1}},
	} {
		t.Run("of "+step, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				p, running := heldHook(release)
				c := k8sorchtest.New(t, p)
				h := submitted(t, c, p)
				go func() {
					<-running
					synctest.Wait()
					close(release)
				}()
				lines, err := logged(t, h, pipeline.LogQuery{Step: step, Follow: true})
				if err != nil {
					t.Fatal(err)
				}
				// The kit ends each stream at once, so that a line may be read again by the next one.
				seen := map[logLine]bool{}
				for _, line := range lines {
					seen[line] = true
				}
				wanted := map[logLine]bool{}
				for _, line := range want {
					wanted[line] = true
				}
				if diff := cmp.Diff(wanted, seen); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// TestWaitingAgainTellsOfEachHookOnce gives up a wait while a hook runs.
func TestWaitingAgainTellsOfEachHookOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p, running := heldHook(release)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-running
			synctest.Wait()
			cancel()
		}()
		if _, err := h.Wait(ctx); err == nil {
			t.Fatal("the wait was given up, and has no error")
		}
		close(release)
		for range 2 {
			run, err := h.Wait(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(run.Hooks) != 1 || run.Hooks[0].Outcome != pipeline.Succeeded {
				t.Errorf("hooks %+v, want one that succeeded", run.Hooks)
			}
		}
	})
}

// TestListenersMayLookAtTheRun has who is told of the run ask for its status at each event.
func TestListenersMayLookAtTheRun(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func("b", increment, pipeline.Func0("a", number)))
	c := k8sorchtest.New(t, p)
	var h *pipeline.Handle
	known := make(chan struct{})
	looks := 0
	o := c.Orchestrator(pipeline.WithEvents(func(e pipeline.Event) {
		if e.Kind != pipeline.StepChanged {
			return
		}
		<-known
		if _, err := h.Status(t.Context()); err != nil {
			t.Error(err)
		}
		looks++
	}))
	var err error
	if h, err = o.Submit(c.Context(t.Context()), p); err != nil {
		t.Fatal(err)
	}
	close(known)
	if _, err := h.Wait(t.Context()); err != nil || looks == 0 {
		t.Errorf("%d looks, %v", looks, err)
	}
}
