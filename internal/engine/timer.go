package engine

import (
	"container/heap"
	"time"
)

// timerQueue holds the times at which steps are to be looked at again.
type timerQueue struct{ heap timerHeap }

// set makes the step due at a time. An earlier time that is set already stands: the step sets the later one again then.
func (q *timerQueue) set(s *step, at time.Time) {
	if at.IsZero() || !s.wake.IsZero() && !at.Before(s.wake) {
		return
	}
	s.wake = at
	heap.Push(&q.heap, timer{at: at, step: s})
}

// due takes out the steps whose time has come.
func (q *timerQueue) due(now time.Time) []*step {
	var steps []*step
	for len(q.heap) > 0 && !now.Before(q.heap[0].at) {
		t := heap.Pop(&q.heap).(timer)
		if !t.stale() {
			t.step.wake = time.Time{}
			steps = append(steps, t.step)
		}
	}
	return steps
}

// next returns the time of the next timer; zero when there is none.
func (q *timerQueue) next() time.Time {
	for len(q.heap) > 0 && q.heap[0].stale() {
		heap.Pop(&q.heap)
	}
	if len(q.heap) == 0 {
		return time.Time{}
	}
	return q.heap[0].at
}

type timer struct {
	at   time.Time
	step *step
}

// stale tells that the step was given another time since, or needs none any more.
func (t timer) stale() bool { return !t.at.Equal(t.step.wake) }

type timerHeap []timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h timerHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *timerHeap) Push(x any) { *h = append(*h, x.(timer)) }

// Pop implements [heap.Interface].
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	*h = old[:len(old)-1]
	return t
}
