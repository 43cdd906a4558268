package engine

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// departure is how long an attempt has been on its way out, by this machine's clock.
type departure struct {
	attempt int
	// since is when the attempt was first seen on its way out, or was last removed by force; zero while it is not on its way
	// out.
	since time.Time
	// checked is when the cluster, asked past every cache, last said that the attempt is on its way out.
	checked time.Time
}

func (d *departure) see(sg Sighting, now time.Time) {
	if sg.Attempt < d.attempt {
		return
	}
	if sg.Attempt > d.attempt {
		*d = departure{attempt: sg.Attempt}
	}
	if sg.Deleting {
		d.since = earliest(d.since, now)
	} else {
		d.since = time.Time{}
	}
}

// check takes note of a sighting that is the truth at this time.
func (d *departure) check(sg Sighting, now time.Time) {
	if sg.Attempt == d.attempt && sg.Deleting {
		d.checked = now
	}
}

// due is when the attempt may be removed by force; zero when it may not be. One without a grace was removed by force
// already, by whomever, or cannot be.
func (d *departure) due(sg Sighting, after time.Duration) time.Time {
	if after <= 0 || sg.Grace <= 0 || sg.Attempt != d.attempt || d.since.IsZero() {
		return time.Time{}
	}
	return d.since.Add(sg.Grace + after)
}

// await waits for an attempt to go that is on its way out, and removes it by force when the step's time for that has
// passed. Its end is recorded first, as that of every attempt is. It may have ended, or gone, while no news came.
func (m *Machine) await(s *step, sg Sighting, now time.Time) Command {
	due := s.departure.due(sg, s.ForceAfter)
	switch {
	case due.IsZero():
		return Command{}
	case now.Before(due):
		m.timers.set(s, due)
		return Command{}
	case s.departure.checked.Before(due):
		return s.ask(sg.Attempt)
	case !s.isClosed(sg.Attempt):
		return s.closing(sg, s.overstayed(), now)
	}
	return Command{Do: ForceRemove, Step: s.Name, Attempt: sg.Attempt, UID: sg.UID}
}

// overstayed is the end of an attempt that is removed by force while its process may go on.
func (s *step) overstayed() record.End {
	return record.End{Outcome: record.Lost, Reason: "ForceDeleted", Message: fmt.Sprintf(
		"it was still there %s after its time to end was over, as on a node that does not answer, and is removed by force; "+
			"its process may go on", s.ForceAfter)}
}
