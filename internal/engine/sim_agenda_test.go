package engine_test

import (
	"container/heap"
	"time"
)

// agenda holds what is going to happen in the world, in order of time.
type agenda struct {
	heap eventHeap
	made int
}

type event struct {
	at     time.Time
	number int
	do     func()
}

func (a *agenda) add(at time.Time, do func()) {
	a.made++
	heap.Push(&a.heap, event{at, a.made, do})
}

// next returns the time of the next event, zero when there is none.
func (a *agenda) next() time.Time {
	if len(a.heap) == 0 {
		return time.Time{}
	}
	return a.heap[0].at
}

func (a *agenda) take() event { return heap.Pop(&a.heap).(event) }

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	if h[i].at.Equal(h[j].at) {
		return h[i].number < h[j].number
	}
	return h[i].at.Before(h[j].at)
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	*h = (*h)[:last]
	return e
}
