package engine

import (
	"container/heap"
	"time"
)

// readyQueue holds the steps that may start, the first in topological order first.
type readyQueue struct{ heap stepHeap }

func (q *readyQueue) len() int { return len(q.heap) }

func (q *readyQueue) add(s *step) {
	if !s.queued {
		s.queued = true
		heap.Push(&q.heap, s)
	}
}

func (q *readyQueue) take() *step {
	s := heap.Pop(&q.heap).(*step)
	s.queued = false
	return s
}

func (q *readyQueue) drop(s *step) {
	if !s.queued {
		return
	}
	for i, other := range q.heap {
		if other == s {
			s.queued = false
			heap.Remove(&q.heap, i)
			return
		}
	}
}

type stepHeap []*step

func (h stepHeap) Len() int           { return len(h) }
func (h stepHeap) Less(i, j int) bool { return h[i].index < h[j].index }
func (h stepHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *stepHeap) Push(x any)        { *h = append(*h, x.(*step)) }
func (h *stepHeap) Pop() any {
	old := *h
	s := old[len(old)-1]
	*h = old[:len(old)-1]
	return s
}

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
		if t.at.Equal(t.step.wake) {
			t.step.wake = time.Time{}
		}
		steps = append(steps, t.step)
	}
	return steps
}

func (q *timerQueue) next() time.Time {
	if len(q.heap) == 0 {
		return time.Time{}
	}
	return q.heap[0].at
}

type timer struct {
	at   time.Time
	step *step
}

type timerHeap []timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h timerHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *timerHeap) Push(x any)        { *h = append(*h, x.(timer)) }
func (h *timerHeap) Pop() any {
	old := *h
	t := old[len(old)-1]
	*h = old[:len(old)-1]
	return t
}
