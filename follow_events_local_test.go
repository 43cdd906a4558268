package pipeline

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
)

// TestEventsOfARunOfChildProcesses has one follow who is there from the beginning and one who comes late.
func TestEventsOfARunOfChildProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := &tracker{run: &Run{ID: "r", Steps: []StepRun{{Name: "a"}}}, last: map[string]Event{}, events: func(Event) {}}
		l := &localRun{tracker: tr, done: make(chan struct{})}
		h := &Handle{follow: l.follow}
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
