package pipeline

import (
	"context"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/org/k8sorch/internal/engine"
)

// Events returns what happens in the run, as [WithEvents] would be told, until the run ends, ctx does, or the loop is left:
//
//	for e := range h.Events(ctx) {
//		fmt.Println(e.Step, e.State, e.Message)
//	}
//	run, err := h.Wait(ctx)
//
// It begins with where each step stands; [Handle.Wait] tells how the run ended, and why it could not be followed if that is
// why the events end. Any number of loops may follow one run, of one handle or of several ([Orchestrator.Open]), and each has
// all events. On Kubernetes each has watches of its own. Events wait in memory for a loop that is slow: it holds up neither
// the run nor other loops. Calls of what WithEvents was given are none of its business.
func (h *Handle) Events(ctx context.Context) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		ctx, cancel := context.WithCancel(ctx)
		events := newEventQueue()
		var following sync.WaitGroup
		following.Go(func() {
			defer events.close()
			h.run.follow(ctx, events.put)
		})
		defer following.Wait()
		defer cancel()
		for {
			e, ok := events.take(ctx)
			if !ok || !yield(e) {
				return
			}
		}
	}
}

// eventQueue keeps events until they are taken.
type eventQueue struct {
	mu     sync.Mutex
	events []Event
	closed bool
	// news has an element when there may be something to take.
	news chan struct{}
}

func newEventQueue() *eventQueue { return &eventQueue{news: make(chan struct{}, 1)} }

func (q *eventQueue) put(e Event) {
	q.mu.Lock()
	q.events = append(q.events, e)
	q.mu.Unlock()
	q.tell()
}

// close says that no event follows.
func (q *eventQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.tell()
}

func (q *eventQueue) tell() {
	select {
	case q.news <- struct{}{}:
	default: // It was told before.
	}
}

// take returns the next event. There is none once the queue is closed and empty, or ctx has ended.
func (q *eventQueue) take(ctx context.Context) (Event, bool) {
	for ctx.Err() == nil {
		if e, over, ok := q.next(); ok || over {
			return e, ok
		}
		select {
		case <-q.news:
		case <-ctx.Done():
		}
	}
	return Event{}, false
}

// next returns the next event, if there is one, or else whether none will follow.
func (q *eventQueue) next() (e Event, over, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.events) == 0 {
		return Event{}, q.closed, false
	}
	e = q.events[0]
	q.events = q.events[1:]
	return e, false, true
}

// follow tells fn what happens in the run until it ends or ctx does. It watches the run anew, with nothing in common with a
// wait.
func (r *clusterRun) follow(ctx context.Context, fn func(Event)) {
	own := *r
	own.tracker = r.tracker.fresh(fn)
	own.tracker.quiet = r.tracker.quiet
	machine, err := engine.NewViewer(own.plan.Engine)
	if err != nil {
		return // Wait tells.
	}
	end, err := own.watch(ctx, machine)
	if err != nil && ctx.Err() != nil {
		own.tracker.left()
		return
	}
	own.conclude(machine, err, end)
	own.tracker.over()
}

// follow tells fn what happens in the run until it ends or ctx does.
func (l *localRun) follow(ctx context.Context, fn func(Event)) {
	leave := l.tracker.join(fn)
	defer leave()
	select {
	case <-l.done:
	case <-ctx.Done():
	}
}

// join tells fn where each step stands, and from then on everything that is told.
func (t *tracker) join(fn func(Event)) (leave func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.soFar().all() {
		if e, ok := t.last[s.Name]; ok {
			e.Time = time.Now()
			fn(e)
		}
	}
	follower := &fn
	t.followers = append(t.followers, follower)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.followers = slices.DeleteFunc(t.followers, func(f *func(Event)) bool { return f == follower })
	}
}
