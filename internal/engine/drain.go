package engine

import (
	"cmp"
	"time"
)

// Drain asks the run to end with the attempts that are running: they are let finish, but no further attempt begins, not
// even a retry. An attempt that was started and does not run yet is stopped. It comes too late for a run that is over; a
// [Machine.Stop] that follows is heeded.
func (m *Machine) Drain(reason string) {
	if m.open == 0 || m.draining != "" {
		return
	}
	m.draining = cmp.Or(reason, "a stop was requested")
	for _, s := range m.steps {
		s.pending.checked = time.Time{}
	}
	m.touchAll()
}

// withhold stops an attempt that has not begun to run when the run is drained. It may have begun to while no news came, so
// the cluster is asked first.
func (m *Machine) withhold(s *step, sg Sighting, now time.Time) Command {
	if s.pending.checked.IsZero() {
		return s.ask(sg.Attempt)
	}
	return s.closing(sg, m.cutShort(), now)
}

// Unattended tells a viewer that whoever drove the run has ended: what has not begun by now never will.
func (m *Machine) Unattended() {
	m.unattended = true
	m.touchAll()
}

// barred is why no further attempt begins; empty while one may. Which one was the last before a drain is known to the
// machine that drives. A viewer may hear of the drain before it sees an attempt that was started just before it, so it
// waits for the end of the other.
func (m *Machine) barred() string {
	if m.viewing && !m.unattended {
		return m.stopping
	}
	return cmp.Or(m.stopping, m.draining)
}
