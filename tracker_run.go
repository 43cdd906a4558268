package pipeline

import "github.com/org/k8sorch/internal/engine"

// What is told of a run as a whole.
const (
	runSubmitted = "Submitted"
	runLeft      = "Left"
	runDone      = "Done"
)

// submitted tells that the run was submitted.
func (t *tracker) submitted() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.send(Event{Kind: RunChanged, State: runSubmitted})
}

// left tells that the run is not waited for any longer.
func (t *tracker) left() {
	defer t.trace.over("", "") // last, since it may take a while
	t.mu.Lock()
	defer t.mu.Unlock()
	t.send(Event{Kind: RunChanged, State: runLeft})
}

// over tells how the run has ended, once: it may be waited for again.
func (t *tracker) over() {
	run := t.soFar()
	defer t.trace.over(run.Outcome, run.Message) // last, since it may take a while
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	t.ended = true
	t.send(Event{
		Kind: RunChanged, State: runDone, Outcome: run.Outcome, Message: run.Message, Started: run.Submitted, Finished: run.Finished,
	})
}

// attempts tells of those attempts of a step that have ended since that was told last. A value that was taken from an earlier
// run is no attempt's.
func (t *tracker) attempts(st engine.Status) {
	for _, closed := range st.Closed {
		t.attempt(closed.Attempt, Event{
			Step: st.Step, Outcome: closed.Outcome, Reason: closed.Reason, Message: closed.Message, Started: closed.Started, Finished: closed.Finished,
		})
	}
	if r := st.Result; r != nil && r.TakenFrom() == nil {
		t.attempt(r.Attempt, Event{Step: st.Step, Outcome: Succeeded, Started: r.Started, Finished: r.Finished})
	}
}

func (t *tracker) attempt(number int, e Event) {
	attempt := tapped{e.Step, number}
	if t.told[attempt] {
		return
	}
	t.told[attempt] = true
	e.Kind, e.Attempt = AttemptEnded, number
	t.send(e)
}
