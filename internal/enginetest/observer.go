package enginetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// patience is how long something may take to be seen before a test gives up on it.
const patience = time.Minute

// observer is a cluster that is watched by a test.
type observer struct {
	engine.Cluster
	t      *testing.T
	cancel context.CancelFunc

	mu    sync.Mutex
	wakes map[string]chan struct{}
}

// open makes a new run with one step of each of the behaviours, named after it, and watches it.
func open(t *testing.T, factory Factory, behaviours ...Behaviour) (Subject, *observer) {
	t.Helper()
	steps := map[string]Behaviour{}
	for _, b := range behaviours {
		steps[string(b)] = b
	}
	subject := factory(t, steps)
	return subject, watch(t, subject)
}

// watch opens another cluster on the run and watches it until the test ends.
func watch(t *testing.T, subject Subject) *observer {
	t.Helper()
	o := &observer{Cluster: subject.Open(), t: t, wakes: map[string]chan struct{}{}}
	var ctx context.Context
	ctx, o.cancel = context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(o.cancel)
	o.must(o.Watch(ctx, o.wake))
	return o
}

func (o *observer) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// woken returns the channel on which a change of step is announced.
func (o *observer) woken(step string) chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.wakes[step] == nil {
		o.wakes[step] = make(chan struct{}, 1)
	}
	return o.wakes[step]
}

func (o *observer) wake(step string) {
	select {
	case o.woken(step) <- struct{}{}:
	default:
	}
}

// until returns the first view of the step that is as wanted. It looks again only when it is told of a change, so a
// change that nobody tells of fails the test.
func (o *observer) until(step, wanted string, ok func(engine.Observation) bool) engine.Observation {
	o.t.Helper()
	giveUp := time.NewTimer(patience)
	defer giveUp.Stop()
	for {
		view := o.View(step)
		if ok(view) {
			return view
		}
		select {
		case <-o.woken(step):
		case <-giveUp.C:
			o.t.Fatalf("step %s: no change was told of after which %s; the view is %+v", step, wanted, o.View(step))
		}
	}
}

// start starts an attempt and returns it once it is in the phase.
func (o *observer) start(step string, attempt int, phase engine.Phase) engine.Sighting {
	o.t.Helper()
	o.must(o.Start(o.t.Context(), step, attempt))
	view := o.until(step, "the attempt is "+string(phase), func(v engine.Observation) bool {
		s := sighting(v, attempt)
		return s != nil && s.Phase == phase
	})
	return *sighting(view, attempt)
}

// succeed starts the step that succeeds, and has its result recorded as the engine does.
func (o *observer) succeed() engine.Sighting {
	o.t.Helper()
	s := o.start(string(Succeed), 1, engine.Ended)
	if s.Result == nil {
		o.t.Fatalf("the attempt ended with %+v, want a result", s.End)
	}
	_, err := o.Commit(o.t.Context(), *s.Result, s.Value)
	o.must(err)
	return s
}

func (o *observer) untilGone(step string, attempt int) {
	o.t.Helper()
	o.until(step, "the attempt is gone or over", func(v engine.Observation) bool {
		s := sighting(v, attempt)
		return s == nil || s.Phase == engine.Ended
	})
}

func (o *observer) confirm(step string, attempt int) engine.Confirmation {
	o.t.Helper()
	truth, err := o.Confirm(o.t.Context(), step, attempt)
	o.must(err)
	return truth
}

func sighting(o engine.Observation, attempt int) *engine.Sighting {
	for i, s := range o.Sightings {
		if s.Attempt == attempt {
			return &o.Sightings[i]
		}
	}
	return nil
}

// clock is a time that every way of encoding keeps.
func clock() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// someResult is a result that the suite commits itself.
func someResult(run, step string, attempt int, value []byte) record.Result {
	return record.Result{
		Run: run, Step: step, Attempt: attempt, UID: "someone", Digest: string(artifact.Sum(value)), Size: int64(len(value)),
		Inline: true, Started: clock(), Finished: clock(),
	}
}

func someClosing(run, step string, attempt int, message string) record.Attempt {
	return record.Attempt{
		Run: run, Step: step, Attempt: attempt, UID: "someone", Started: clock(), Finished: clock(),
		End: record.End{Outcome: record.Failed, Reason: "Error", Message: message, ExitCode: 1},
	}
}
