package engine

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// reckon notes since when the step's timeout counts, once an attempt of it is seen to have run. It is a time of this
// machine's clock.
//
// A machine that takes over from another counts what lies between the starts of the first and of the latest attempt,
// which are both times of the cluster. How long the latest one has been running is in no pair of times of one clock, and
// begins anew.
func (s *step) reckon(now time.Time) {
	if s.Timeout <= 0 || !s.ranSince.IsZero() {
		return
	}
	if first, last, ran := s.ran(); ran {
		s.ranSince = now.Add(first.Sub(last))
	}
}

// ran returns when the first and the latest attempt started that are known to have run.
func (s *step) ran() (first, last time.Time, ran bool) {
	var starts []time.Time
	for _, a := range s.closed {
		starts = append(starts, a.Started)
		ran = ran || a.Outcome == record.Failed
	}
	for _, sg := range s.sightings {
		starts = append(starts, sg.Started)
		ran = ran || sg.Phase == Running
	}
	for _, t := range starts {
		if t.IsZero() {
			continue
		}
		first, ran = soonest(first, t), true
		if t.After(last) {
			last = t
		}
	}
	return first, last, ran
}

// expiry is when the step's timeout passes; zero when it does not count.
func (s *step) expiry() time.Time {
	if s.ranSince.IsZero() {
		return time.Time{}
	}
	return s.ranSince.Add(s.Timeout)
}

// expired tells that the step's timeout has passed.
func (s *step) expired(now time.Time) bool {
	at := s.expiry()
	return !at.IsZero() && !now.Before(at)
}

// expire ends an attempt that the step has no time left for. It may have ended by itself while no news came.
func (s *step) expire(sg Sighting, now time.Time) Command {
	if s.verified.attempt != sg.Attempt || s.verified.at.Before(s.expiry()) {
		return s.ask(sg.Attempt)
	}
	return s.closing(sg, s.timedOut("has passed"), now)
}

// giveUp records that the next attempt is not begun. Whoever derives the step's outcome from records alone has to find
// it there.
func (s *step) giveUp(now time.Time) Command {
	next := Sighting{Attempt: s.lastClosed() + 1}
	return s.closing(next, s.timedOut(fmt.Sprintf("passed before attempt %d could begin", next.Attempt)), now)
}

// timedOut is the end of an attempt that the step's timeout cut short. The reason is that of a pod whose deadline has
// passed.
func (s *step) timedOut(how string) record.End {
	return record.End{
		Outcome: record.Failed, Reason: "DeadlineExceeded", Permanent: true,
		Message: fmt.Sprintf("the step's timeout of %s, for all of its attempts together, %s", s.Timeout, how),
	}
}
