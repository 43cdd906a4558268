package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestHooksOfARunThatIsCutShort(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(*pipeline.Handle) error{
		"by a stop":       func(h *pipeline.Handle) error { return h.Stop(context.Background(), "enough") },
		"by a drain":      func(h *pipeline.Handle) error { return h.Drain(context.Background(), "enough") },
		"by its deadline": func(*pipeline.Handle) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var h listener
				release := make(chan struct{})
				slow, running := held(release)
				p := h.on(pipeline.New("p").Step(pipeline.Func("after", increment, slow)).
					Settings(pipeline.KubernetesOrchestratorSettings{RunDeadline: new(600), MaxParallelism: new(1)}))
				c := k8sorchtest.New(t, p)
				handle := submitted(t, c, p)
				go func() {
					<-running
					synctest.Wait()
					if err := cut(handle); err != nil {
						t.Error(err)
					}
					synctest.Wait()
					if name == "by a drain" {
						close(release)
					}
				}()
				run, err := handle.Wait(t.Context())
				if err == nil || run.Outcome != pipeline.Stopped {
					t.Errorf("the run ended as %s, %v, want Stopped", run.Outcome, err)
				}
				want := map[string]pipeline.Outcome{"alarm": pipeline.Succeeded, "clean": pipeline.Succeeded}
				if diff := cmp.Diff(want, hookOutcomes(run)); diff != "" {
					t.Errorf("hooks (-want +got):\n%s", diff)
				}
				if got := h.ends["alarm"]; len(got) != 1 || got[0].Outcome != pipeline.Stopped || got[0].Message != run.Message {
					t.Errorf("the hook was given %+v, want a run that was stopped because %q", got, run.Message)
				}
			})
		})
	}
}

// That a run is drained does not tell a client which steps never begin; the record of its end does.
func TestHooksOfADrainedRunAreSeenAsTheyRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release, seen := make(chan struct{}), make(chan struct{})
		slow, running := held(release)
		p := pipeline.New("p").Step(pipeline.Func("after", increment, slow)).OnExit("clean", func(ctx context.Context, _ pipeline.RunEnd) error {
			select {
			case <-seen:
				return nil
			case <-time.After(time.Hour):
				return pipeline.Permanent(errors.New("nobody saw it run"))
			}
		})
		c := k8sorchtest.New(t, p)
		o := c.Orchestrator(pipeline.WithEvents(func(e pipeline.Event) {
			if e.Step == "clean" && e.State == "Running" {
				close(seen)
			}
		}))
		h, err := o.Submit(c.Context(t.Context()), p)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			drainOnceWatched(t, h, running)
			close(release)
		}()
		run, _ := h.Wait(t.Context())
		if diff := cmp.Diff(map[string]pipeline.Outcome{"clean": pipeline.Succeeded}, hookOutcomes(run)); diff != "" {
			t.Errorf("hooks (-want +got):\n%s", diff)
		}
	})
}

func TestNothingCutsHooksShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		running := make(chan struct{})
		p := pipeline.New("p").Step(pipeline.Func0("a", number)).
			Settings(pipeline.KubernetesOrchestratorSettings{RunDeadline: new(60), StepTimeout: new(60)}).
			OnExit("slow", func(ctx context.Context, _ pipeline.RunEnd) error {
				close(running)
				select {
				case <-time.After(2 * time.Minute):
				case <-ctx.Done():
				}
				return context.Cause(ctx)
			})
		c := k8sorchtest.New(t, p)
		handle := submitted(t, c, p)
		go func() {
			<-running
			synctest.Wait()
			if err := errors.Join(handle.Drain(t.Context(), "too late"), handle.Stop(t.Context(), "too late")); err != nil {
				t.Error(err)
			}
		}()
		run, err := handle.Wait(t.Context())
		if err != nil || hookOutcomes(run)["slow"] != pipeline.Succeeded {
			t.Errorf("run %+v, %v, want it and its hook to succeed", run, err)
		}
	})
}
