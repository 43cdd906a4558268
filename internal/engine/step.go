package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// step is what the machine knows of one step.
type step struct {
	Step
	index      int
	dependents []*step
	// missing counts the needs that have not succeeded yet.
	missing int

	// What was observed.
	result    *record.Result
	closed    []record.Attempt
	sightings []Sighting

	// started is the highest attempt that was started or sighted; sighted tells that it was seen since.
	started   int
	sighted   bool
	startedAt time.Time
	// confirmed is the highest closed attempt known to have left no result behind.
	confirmed int
	// gone is how an attempt ended of which nothing is left on the cluster.
	gone *goneAttempt
	// refused is the answer that keeps the next attempt in a queue.
	refused *Refusal
	// notBefore holds the next attempt back.
	notBefore time.Time
	pending   pendency

	outcome record.Outcome
	end     record.End
	trouble string
	// blame names the step because of which this one is skipped.
	blame string
	// wake is when the step's timer goes off; zero when none is set.
	wake time.Time

	dirty, busy, queued, counted bool
}

type goneAttempt struct {
	attempt int
	end     record.End
}

func (s *step) observe(o Observation, now time.Time) {
	if s.result == nil && o.Result != nil {
		s.result = new(*o.Result)
	}
	for _, a := range o.Closed {
		s.close(a)
	}
	s.sightings = slices.SortedFunc(slices.Values(o.Sightings), func(a, b Sighting) int { return cmp.Compare(a.Attempt, b.Attempt) })
	for _, sg := range s.sightings {
		s.sight(sg, now)
	}
}

// sight takes note of an attempt that exists.
func (s *step) sight(sg Sighting, now time.Time) {
	if sg.Attempt >= s.started {
		s.started, s.sighted = sg.Attempt, true
	}
	s.pending.see(sg, s.FailOn, now)
}

// close takes note of the record of an attempt. What the cluster shows replaces what this machine wrote.
func (s *step) close(a record.Attempt) {
	i, found := slices.BinarySearchFunc(s.closed, a.Attempt, func(c record.Attempt, n int) int { return cmp.Compare(c.Attempt, n) })
	if found {
		s.closed[i] = a
		return
	}
	s.closed = slices.Insert(s.closed, i, a)
}

func (s *step) isClosed(attempt int) bool {
	return slices.ContainsFunc(s.closed, func(a record.Attempt) bool { return a.Attempt == attempt })
}

// lastClosed returns the number of the last attempt that has a record; 0 when there is none.
func (s *step) lastClosed() int {
	if len(s.closed) == 0 {
		return 0
	}
	return s.closed[len(s.closed)-1].Attempt
}

// begun tells that an attempt of the step was ever started.
func (s *step) begun() bool { return s.started > 0 || len(s.closed) > 0 }

// occupies tells that the step takes one of the places that MaxParallelism counts. A step is over when its result is
// recorded, though its process takes another moment to exit.
func (s *step) occupies() bool {
	if s.outcome != "" {
		return false
	}
	return s.started > s.lastClosed() || slices.ContainsFunc(s.sightings, func(sg Sighting) bool { return sg.Phase != Ended })
}

// current returns the sighting of the latest attempt.
func (s *step) current() (Sighting, bool) {
	if len(s.sightings) == 0 {
		return Sighting{}, false
	}
	return s.sightings[len(s.sightings)-1], true
}
