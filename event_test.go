package pipeline_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// tale takes note of events.
type tale struct {
	mu     sync.Mutex
	events []pipeline.Event
}

func (l *tale) add(e pipeline.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
}

// of returns the events of a kind without what is not the same in every run.
func (l *tale) of(kind pipeline.EventKind) (events []pipeline.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.events {
		if e.Kind == kind {
			events = append(events, pipeline.Event{
				Pipeline: e.Pipeline, Step: e.Step, Attempt: e.Attempt, State: e.State, Outcome: e.Outcome, Reason: e.Reason, Message: e.Message,
			})
		}
	}
	return events
}

func TestRunsAndAttemptsAreTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p").Step(pipeline.Func0("once", func(ctx context.Context) (int, error) {
			if pipeline.AttemptInfo(ctx).Attempt == 1 {
				return 0, errors.New("once more")
			}
			return 1, nil
		}).Retry(pipeline.Retry{MaxRetries: 1}))
		c := k8sorchtest.New(t, p)
		var first, second tale
		o := c.Orchestrator(pipeline.WithEvents(first.add), pipeline.WithEvents(second.add))
		h, err := o.Submit(c.Context(t.Context()), p)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := h.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		for _, got := range []*tale{&first, &second} {
			runs := []pipeline.Event{{Pipeline: "p", State: "Submitted"}, {Pipeline: "p", State: "Done", Outcome: pipeline.Succeeded}}
			if diff := cmp.Diff(runs, got.of(pipeline.RunChanged)); diff != "" {
				t.Errorf("what is told of the run (-want +got):\n%s", diff)
			}
			attempts := []pipeline.Event{
				{Pipeline: "p", Step: "once", Attempt: 1, Outcome: pipeline.Failed, Reason: "Error", Message: "once more"},
				{Pipeline: "p", Step: "once", Attempt: 2, Outcome: pipeline.Succeeded},
			}
			if diff := cmp.Diff(attempts, got.of(pipeline.AttemptEnded)); diff != "" {
				t.Errorf("what is told of the attempts (-want +got):\n%s", diff)
			}
		}
	})
}

func TestWaitThatIsGivenUpIsTold(t *testing.T) {
	t.Parallel()
	step, running := hanging()
	p := pipeline.New("p").Step(step)
	c := k8sorchtest.New(t, p)
	var got tale
	h, err := c.Orchestrator(pipeline.WithEvents(got.add)).Submit(c.Context(t.Context()), p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-running
		cancel()
	}()
	if _, err := h.Wait(ctx); !errors.Is(err, pipeline.ErrInterrupted) {
		t.Fatalf("error %v", err)
	}
	want := []pipeline.Event{{Pipeline: "p", State: "Submitted"}, {Pipeline: "p", State: "Left"}}
	if diff := cmp.Diff(want, got.of(pipeline.RunChanged)); diff != "" {
		t.Errorf("what is told of the run (-want +got):\n%s", diff)
	}
	if err := h.Stop(t.Context(), "enough"); err != nil {
		t.Fatal(err)
	}
	_, _ = h.Wait(t.Context())
}
