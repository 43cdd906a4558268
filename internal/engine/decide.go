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
	if s.outcome == "" && s.result != nil {
		m.finish(s, record.Succeeded, record.End{})
	}
	if s.outcome != "" {
		return m.tidy(s)
	}
	if c, held := m.handle(s, now); held {
		return c, c.Do != "" && !m.viewing
	}
	if c, ok := m.settle(s, now); ok {
		return c, !m.viewing
	}
	return Command{}, false
}

// handle looks at the attempts that exist. While one of them is not over, the step is held up by it.
func (m *Machine) handle(s *step, now time.Time) (c Command, held bool) {
	for _, sg := range s.sightings {
		over := sg.Phase == Ended && !sg.Litter
		switch {
		case s.isClosed(sg.Attempt) && (over || m.viewing && sg.Phase == Ended):
			continue
		case s.isClosed(sg.Attempt):
			return s.remove(sg), true
		case sg.Phase == Ended:
			return m.conclude(s, sg, now), true
		}
		return m.attend(s, sg, now), true
	}
	return Command{}, false
}

// remove takes away an attempt that is not over but closed; one already on its way out is waited for.
func (s *step) remove(sg Sighting) Command {
	if sg.Deleting {
		return Command{}
	}
	return Command{Do: Remove, Step: s.Name, Attempt: sg.Attempt, UID: sg.UID}
}

// conclude records how an attempt ended.
func (m *Machine) conclude(s *step, sg Sighting, now time.Time) Command {
	if sg.Result != nil {
		return Command{Do: Commit, Step: s.Name, Attempt: sg.Attempt, Result: *sg.Result, Value: sg.Value}
	}
	return s.closing(sg.Attempt, sg.UID, sg.Started, sg.End, now)
}

// attend looks after an attempt that has not ended.
func (m *Machine) attend(s *step, sg Sighting, now time.Time) Command {
	if m.stopping != "" {
		return s.closing(sg.Attempt, sg.UID, sg.Started, record.End{Outcome: record.Stopped, Reason: "Stopped", Message: m.stopping}, now)
	}
	end, over, next := s.pending.overdue(sg, s.Step, now)
	if over {
		return s.closing(sg.Attempt, sg.UID, sg.Started, end, now)
	}
	m.timers.set(s, next)
	return Command{}
}

func (s *step) closing(attempt int, uid string, started time.Time, end record.End, now time.Time) Command {
	return Command{Do: Close, Step: s.Name, Attempt: attempt, UID: uid, Closing: record.Attempt{
		Step: s.Name, Attempt: attempt, UID: uid, End: end, Started: started, Finished: now,
	}}
}

// settle decides what comes after the attempts so far, none of which is left to wait for.
func (m *Machine) settle(s *step, now time.Time) (Command, bool) {
	last := s.lastClosed()
	switch {
	case s.started > last:
		return m.miss(s, now)
	case s.confirmed < last && !m.viewing:
		return Command{Do: Confirm, Step: s.Name, Attempt: last}, true
	case last > 0:
		if again, _ := s.verdict(); !again {
			m.finish(s, s.closed[len(s.closed)-1].Outcome, s.closed[len(s.closed)-1].End)
			return Command{}, false
		}
	}
	m.schedule(s, now)
	return Command{}, false
}

// miss deals with an attempt that was started and is not in view. Only the truth, read past every cache, tells that it
// is gone.
func (m *Machine) miss(s *step, now time.Time) (Command, bool) {
	if s.gone != nil && s.gone.attempt == s.started {
		return s.closing(s.started, "", time.Time{}, s.gone.end, now), true
	}
	if due := s.startedAt.Add(m.plan.Confirm); !s.sighted && now.Before(due) {
		m.timers.set(s, due)
		return Command{}, false
	}
	return Command{Do: Confirm, Step: s.Name, Attempt: s.started}, true
}

// schedule puts the step in the queue of those that may start, once nothing speaks against it.
func (m *Machine) schedule(s *step, now time.Time) {
	switch {
	case m.stopping != "" && s.begun():
		m.finish(s, record.Stopped, record.End{Outcome: record.Stopped, Reason: "Stopped", Message: m.stopping})
	case m.stopping != "":
		m.skip(s, m.stopping)
	case m.draining != "" && !s.begun():
		m.skip(s, m.draining)
	case s.missing > 0:
	case now.Before(s.notBefore):
		m.timers.set(s, s.notBefore)
	default:
		m.ready.add(s)
	}
}

// tidy takes away what a step that has its outcome still keeps busy: attempts other than the one whose result counts,
// and that one's remains.
func (m *Machine) tidy(s *step) (Command, bool) {
	for _, sg := range s.sightings {
		counts := s.result != nil && sg.Attempt == s.result.Attempt && !sg.Litter
		if m.viewing || counts || sg.Deleting || sg.Phase == Ended && !sg.Litter {
			continue
		}
		return s.remove(sg), true
	}
	return Command{}, false
}
