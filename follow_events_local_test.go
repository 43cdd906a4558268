package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
)

// TestEventsOfARunOfChildProcesses has one follow who is there from the beginning and one who comes late.
func TestEventsOfARunOfChildProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := trackerOf(&Run{ID: "r", Steps: []StepRun{{Name: "a"}}}, func(Event) {})
		l := &localRun{tracker: tr, done: make(chan struct{})}
		h := &Handle{run: l}
		early, late := make(chan []string, 1), make(chan []string, 1)
		follow := func(told chan<- []string) {
			var states []string
			for e := range h.Events(t.Context()) {
				states = append(states, e.State+e.Message)
			}
			told <- states
		}
		go follow(early)
		synctest.Wait()
		tr.status(engine.Status{Step: "a", State: engine.Ready})
		tr.status(engine.Status{Step: "a", State: engine.State(engine.Running)})
		go follow(late)
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		for range h.Events(ctx) {
			cancel() // One that leaves does not end the others.
		}
		cancel()
		tr.notice("it ends")
		close(l.done)
		if diff := cmp.Diff([]string{"Ready", "Running", "it ends"}, <-early); diff != "" {
			t.Errorf("told to who was there (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"Running", "it ends"}, <-late); diff != "" {
			t.Errorf("told to who came late (-want +got):\n%s", diff)
		}
	})
}

func TestStatusOfARunOfChildProcessesThatIsToEnd(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(h *Handle) error{
		"stopped": func(h *Handle) error { return h.Stop(t.Context(), "enough") },
		"drained": func(h *Handle) error { return h.Drain(t.Context(), "enough") },
		"drained, and stopped": func(h *Handle) error {
			return errors.Join(h.Drain(t.Context(), "slowly"), h.Stop(t.Context(), "enough"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &localRun{tracker: trackerOf(&Run{ID: "r"}, func(Event) {}), stop: make(chan string, 1), drain: make(chan string, 1)}
			h := &Handle{run: l}
			if run, err := h.Status(t.Context()); err != nil || run.State != RunRunning {
				t.Errorf("run %+v, %v, want it to be running", run, err)
			}
			if err := ask(h); err != nil {
				t.Fatal(err)
			}
			if run, err := h.Status(t.Context()); err != nil || run.State != RunStopping || run.Message != "enough" {
				t.Errorf("run %+v, %v, want it to be stopping, and why", run, err)
			}
		})
	}
}
