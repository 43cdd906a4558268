package engine

import "container/heap"

// stepQueue holds steps: first those with the longest way to the end of the run, so that where MaxParallelism lets only some
// start, what comes after the others can run beside them; among those with equally long ways, the first in topological order.
// A step stands in one queue at most.
type stepQueue struct{ heap stepHeap }

func (q *stepQueue) len() int { return len(q.heap) }

// add puts a step into the queue, and takes it out of the one that it stands in.
func (q *stepQueue) add(s *step) {
	if s.queue == q {
		return
	}
	s.dequeue()
	s.queue = q
	heap.Push(&q.heap, s)
}

// take takes out the first step.
func (q *stepQueue) take() *step {
	s := q.heap[0]
	s.dequeue()
	return s
}

// dequeue takes the step out of the queue that it stands in, if any.
func (s *step) dequeue() {
	if s.queue != nil {
		heap.Remove(&s.queue.heap, s.slot)
		s.queue = nil
	}
}

type stepHeap []*step

func (h stepHeap) Len() int { return len(h) }
func (h stepHeap) Less(i, j int) bool {
	if h[i].way != h[j].way {
		return h[i].way > h[j].way
	}
	return h[i].index < h[j].index
}

func (h stepHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].slot, h[j].slot = i, j
}

// Push implements [heap.Interface].
func (h *stepHeap) Push(x any) {
	s := x.(*step)
	s.slot = len(*h)
	*h = append(*h, s)
}

// Pop implements [heap.Interface].
func (h *stepHeap) Pop() any {
	last := len(*h) - 1
	s := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return s
}
