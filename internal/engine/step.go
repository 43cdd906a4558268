package engine

import (
	"slices"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// step is what the machine knows of one step.
type step struct {
	*Step
	index      int
	dependents []*step
	// way is the number of steps on the longest way that leads from this one to the end of the run, without itself.
	way int
	// missing counts the needs that have not succeeded yet.
	missing int

	// What was observed.
	result    *record.Result
	closed    []record.Attempt
	sightings []Sighting
	// shown is the attempt among the sightings that a Confirm has shown and the view lacks; 0 when there is none. It is
	// believed until shownUntil.
	shown      int
	shownUntil time.Time

	// started is the highest attempt that was started or sighted; sighted tells that it was seen since.
	started   int
	sighted   bool
	startedAt time.Time
	// litters tells that it was last seen to be one that leaves litter.
	litters bool
	// inView tells that the attempt was in view about which the cluster was asked last.
	inView bool
	// confirmed is the highest attempt known to be over and to have left no result behind.
	confirmed int
	// searched is the highest attempt whose record was asked for because it was missing among those of later ones.
	searched int
	// gone is how an attempt ended of which nothing is on the cluster.
	gone *goneAttempt
	// refused is the answer that keeps the next attempt in a queue; refusals counts how often it came.
	refused  *Refusal
	refusals int
	// notBefore holds the next attempt back.
	notBefore time.Time
	pending   pendency
	departure departure
	// ranSince is when the step's timeout began to count, by this machine's clock; zero before that.
	ranSince time.Time
	// verified is the attempt that the cluster, asked past every cache, last showed alive, and when.
	verified struct {
		attempt int
		at      time.Time
	}

	outcome record.Outcome
	end     record.End
	// judged is the latest attempt that the outcome takes into account.
	judged  int
	trouble string
	// wake is when the step's timer goes off; zero when none is set.
	wake time.Time
	// queue is the one that the step stands in, slot its place there; nil when it stands in none.
	queue *stepQueue
	slot  int

	dirty, busy, counted, onBrink, news bool
}

// newStep returns a step of which nothing was observed yet.
func newStep(p *Step, index int) step {
	return step{Step: p, index: index, missing: len(p.Needs), started: p.Earlier, confirmed: p.Earlier, searched: p.Earlier}
}

type goneAttempt struct {
	attempt int
	end     record.End
}

// begun tells that an attempt of the step was started, since the run was retried if it was.
func (s *step) begun() bool { return s.latest() > s.Earlier }

// latest returns the number of the latest attempt; 0 when there was none.
func (s *step) latest() int { return max(s.started, s.lastClosed()) }

// occupies tells that the step takes one of the places that MaxParallelism counts. It does so from the start of an
// attempt until the attempt is known to be over. A step is over when its result is recorded, though its process takes
// another moment to exit.
func (s *step) occupies() bool {
	return s.outcome == "" && (s.latest() > s.confirmed || s.alive())
}

// alive tells that an attempt of the step is in view and not over.
func (s *step) alive() bool {
	return slices.ContainsFunc(s.sightings, func(sg Sighting) bool { return sg.Phase != Ended })
}

// over tells that nothing of an attempt is left to be taken away.
func (sg Sighting) over() bool { return sg.Phase == Ended && !sg.Litter }
