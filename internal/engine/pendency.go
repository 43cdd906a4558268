package engine

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// pendency is how long an attempt has been on its way to run. Its times are those of this machine's first sight:
// no local clock is compared with a cluster's.
type pendency struct {
	attempt int
	// since is when the attempt was first seen waiting; zero while it waits for nothing, or in a queue.
	since time.Time
	// failing is since when every sight of it gave one of the reasons that may end it.
	failing time.Time
	// checked is when the cluster, asked past every cache, last said that the attempt does not run yet.
	checked time.Time
}

func (p *pendency) see(sg Sighting, failOn map[string]time.Duration, now time.Time) {
	if sg.Attempt < p.attempt {
		return
	}
	if sg.Attempt > p.attempt {
		*p = pendency{attempt: sg.Attempt}
	}
	if sg.Phase != Waiting {
		p.since, p.failing = time.Time{}, time.Time{}
		return
	}
	p.since = earliest(p.since, now)
	// Reasons alternate (ErrImagePull, ImagePullBackOff): the grace counts from the first of them.
	if _, fails := failOn[sg.Reason]; fails {
		p.failing = earliest(p.failing, now)
	} else {
		p.failing = time.Time{}
	}
}

// check takes note of a sighting that is the truth at this time.
func (p *pendency) check(sg Sighting, now time.Time) {
	if sg.Attempt == p.attempt && sg.Phase != Running {
		p.checked = now
	}
}

// overdue returns how the attempt ends if it has waited too long, and when it has or will have.
func (p *pendency) overdue(sg Sighting, s Step, now time.Time) (end record.End, over bool, next time.Time) {
	if sg.Phase != Waiting || sg.Attempt != p.attempt {
		return end, false, next
	}
	if grace, fails := s.FailOn[sg.Reason]; fails {
		if next = p.failing.Add(grace); !now.Before(next) {
			return record.End{Outcome: record.NotStarted, Reason: sg.Reason, Message: sg.Message, Permanent: true}, true, next
		}
	}
	if s.StartupTimeout > 0 {
		deadline := p.since.Add(s.StartupTimeout)
		if !now.Before(deadline) {
			text := fmt.Sprintf("it did not start within %s; last seen: %s", s.StartupTimeout, why(sg))
			return record.End{Outcome: record.NotStarted, Reason: "StartupTimeout", Message: text}, true, deadline
		}
		next = soonest(next, deadline)
	}
	return end, false, next
}

// why says in words what keeps an attempt from running.
func why(sg Sighting) string {
	switch {
	case sg.Message == "":
		return sg.Reason
	case sg.Reason == "":
		return sg.Message
	}
	return sg.Reason + ": " + sg.Message
}

// earliest returns known, or now where nothing is known yet.
func earliest(known, now time.Time) time.Time {
	if known.IsZero() {
		return now
	}
	return known
}

// soonest returns the earlier of two times, a zero one left out.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
