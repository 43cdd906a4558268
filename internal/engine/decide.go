package engine

import (
	"time"

	"github.com/org/k8sorch/internal/record"
)

// decide derives where a step stands and returns what is to be done about it next, if anything.
func (m *Machine) decide(s *step, now time.Time) (Command, bool) {
	if s.busy || m.halted {
		return Command{}, false
	}
	s.dequeue()
	m.doubt(s, now)
	c, ok := m.next(s, now)
	return c, ok && c.Do != "" && !m.viewing
}

// doubt stops to believe an attempt that is still not in view a while after a Confirm has shown it.
func (m *Machine) doubt(s *step, now time.Time) {
	switch {
	case s.shown == 0 || s.outcome != "":
	case now.Before(s.shownUntil):
		m.timers.set(s, s.shownUntil)
	default:
		s.hide(s.shown)
	}
}

func (m *Machine) next(s *step, now time.Time) (Command, bool) {
	if s.outcome == "" && s.result != nil {
		m.finish(s, record.Succeeded, record.End{})
	}
	if s.outcome != "" {
		return s.tidy()
	}
	if c, held := m.handle(s, now); held {
		return c, true
	}
	return m.settle(s, now)
}

// handle looks at the attempts that exist. While one of them is not over, the step is held up by it.
func (m *Machine) handle(s *step, now time.Time) (c Command, held bool) {
	for _, sg := range s.sightings {
		closed := s.isClosed(sg.Attempt)
		switch {
		case sg.Phase == Ended && (sg.Result != nil || !closed):
			return m.conclude(s, sg, now), true
		case !closed:
			return m.attend(s, sg, now), true
		case sg.over() || m.viewing && sg.Phase == Ended:
			continue
		case sg.Deleting:
			return m.await(s, sg, now), true
		}
		return s.remove(sg), true
	}
	return Command{}, false
}

// remove takes away an attempt that is not over but closed.
func (s *step) remove(sg Sighting) Command {
	return Command{Do: Remove, Step: s.Name, Attempt: sg.Attempt, UID: sg.UID}
}

// conclude records how an attempt ended. A result that it reported counts even when it was closed before: the record of
// one that writes records itself would, too.
func (m *Machine) conclude(s *step, sg Sighting, now time.Time) Command {
	if sg.Result != nil {
		return Command{Do: Commit, Step: s.Name, Attempt: sg.Attempt, Result: *sg.Result, Value: sg.Value}
	}
	return s.closing(sg, sg.End, now)
}

// attend looks after an attempt that has not ended.
func (m *Machine) attend(s *step, sg Sighting, now time.Time) Command {
	switch {
	case m.stopping != "":
		return s.closing(sg, m.cutShort(), now)
	case s.expired(now):
		return s.expire(sg, now)
	case m.draining != "" && sg.Phase != Running:
		return m.withhold(s, sg, now)
	}
	m.timers.set(s, s.expiry())
	if sg.Deleting {
		return m.await(s, sg, now)
	}
	end, over, due := s.pending.overdue(sg, *s.Step, now)
	switch {
	case !over:
		m.timers.set(s, due)
		return Command{}
	case s.pending.checked.Before(due):
		// It may have begun to run while no news came.
		return s.ask(sg.Attempt)
	}
	return s.closing(sg, end, now)
}

// ask asks for the truth about an attempt.
func (s *step) ask(attempt int) Command {
	_, s.inView = s.find(attempt)
	return Command{Do: Confirm, Step: s.Name, Attempt: attempt}
}

func (s *step) closing(sg Sighting, end record.End, now time.Time) Command {
	return Command{Do: Close, Step: s.Name, Attempt: sg.Attempt, UID: sg.UID, Closing: record.Attempt{
		Step: s.Name, Attempt: sg.Attempt, UID: sg.UID, End: whole(end), Started: sg.Started, Finished: now,
	}}
}

// settle decides what comes after the attempts so far, none of which is left to wait for.
func (m *Machine) settle(s *step, now time.Time) (Command, bool) {
	last := s.lastClosed()
	switch {
	case s.started > last:
		return m.miss(s, now)
	case s.unrecorded() > 0 && !m.viewing:
		return s.ask(s.unrecorded()), true
	case s.confirmed < last && !m.viewing:
		return s.ask(last), true
	case len(s.closed) > 0:
		if again, _ := s.verdict(); !again {
			end := s.closed[len(s.closed)-1].End
			m.finish(s, end.Outcome, end)
			return Command{}, false
		}
	}
	if m.stopping == "" && s.expired(now) {
		return s.giveUp(now), true
	}
	m.schedule(s, now)
	return Command{}, false
}

// miss deals with an attempt that was started and is not in view. Only the truth, read past every cache, tells that it
// is gone.
func (m *Machine) miss(s *step, now time.Time) (Command, bool) {
	if s.gone != nil && s.gone.attempt == s.started {
		return s.closing(Sighting{Attempt: s.started}, s.gone.end, now), true
	}
	if due := s.startedAt.Add(m.plan.Confirm); !s.sighted && s.refused == nil && now.Before(due) {
		m.timers.set(s, due)
		return Command{}, false
	}
	return s.ask(s.started), true
}

// schedule puts the step in the queue of those that may start, once nothing speaks against it.
func (m *Machine) schedule(s *step, now time.Time) {
	switch reason := m.barred(); {
	case reason != "" && s.begun():
		m.halfway(s)
	case reason != "":
		m.skip(s, reason)
	case m.sealed != "" && !s.begun():
		m.skip(s, m.sealed)
	case s.missing > 0, m.brink > 0 && m.reacts(s):
	case now.Before(s.notBefore):
		m.timers.set(s, soonest(s.notBefore, s.expiry()))
		// One that has been let in asks again in any case, and leaves its place to another.
		if s.refused != nil && s.refusals > 0 {
			m.held.add(s)
		}
	default:
		m.timers.set(s, s.expiry())
		m.ready.add(s)
	}
}
