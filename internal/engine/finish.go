package engine

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// finish gives a step its outcome and tells those that depend on it.
func (m *Machine) finish(s *step, outcome record.Outcome, end record.End) {
	if s.outcome != "" {
		return
	}
	s.outcome, s.end, s.judged, s.wake = outcome, end, s.latest(), time.Time{}
	m.open--
	m.touch(s)
	for _, dep := range s.dependents {
		m.follow(dep, s)
	}
	if outcome != record.Succeeded && outcome != record.Skipped {
		m.react(s)
	}
}

// follow does to a step what the outcome of one that it needs means for it. One that has begun had all that it needs: there is
// a record that this machine lacks, for views lag, and it takes that outcome back once it comes.
func (m *Machine) follow(dep, s *step) {
	switch {
	case s.outcome == record.Succeeded:
		// While others are missing, nothing changes for it.
		if dep.missing--; dep.missing == 0 {
			m.touch(dep)
		}
	case dep.result == nil && !dep.begun():
		reason := s.end.Message
		if s.outcome != record.Skipped {
			reason = fmt.Sprintf("step %q did not succeed", s.Name)
		}
		m.skip(dep, reason)
	}
}

// skip gives a step that has not begun the outcome Skipped.
func (m *Machine) skip(s *step, reason string) {
	m.finish(s, record.Skipped, record.End{Outcome: record.Skipped, Reason: "Skipped", Message: reason})
}

// halfway gives a step that has begun, and of which no attempt is left, the outcome Stopped.
func (m *Machine) halfway(s *step) {
	m.finish(s, record.Stopped, m.cutShort())
}

// react does to the rest of the run what the mode says about a failure. A step that was stopped is a consequence, not a
// cause.
func (m *Machine) react(s *step) {
	if s.outcome == record.Stopped {
		return
	}
	reason := fmt.Sprintf("step %q ended as %s", s.Name, s.outcome)
	switch m.plan.Mode {
	case FailFast:
		m.stop(reason)
	case StopOnFailure:
		if m.sealed == "" {
			m.sealed = reason
			m.touchAll()
		}
	}
}

// reacts tells that a failure elsewhere would keep the step from going on.
func (m *Machine) reacts(s *step) bool {
	return m.plan.Mode == FailFast || m.plan.Mode == StopOnFailure && !s.begun()
}

// onBrink tells that the step has spent its last attempt. It is going to fail, unless a result turns up, and nothing may
// begin meanwhile: an orchestrator that was restarted would otherwise begin what the last one had given up.
func (m *Machine) onBrink(s *step) bool {
	last := s.lastClosed()
	if m.plan.Mode == ContinueOnFailure || s.outcome != "" || len(s.closed) == 0 || s.started > last {
		return false
	}
	again, _ := s.verdict()
	return !again && s.closed[len(s.closed)-1].Outcome != record.Stopped
}

// know takes note of the step's result record. It wins over everything: when the step was given another outcome before,
// whatever followed from that is decided anew, as an orchestrator would that came to know the record first.
func (m *Machine) know(s *step, r *record.Result) {
	if r == nil || s.result != nil {
		return
	}
	s.result = r
	if s.outcome != "" {
		m.reconsider()
	}
}

// reconsider takes all outcomes back but successes, which stand.
func (m *Machine) reconsider() {
	m.open, m.stopping, m.sealed = 0, m.request, ""
	for _, s := range m.steps {
		m.touch(s)
		if s.outcome == record.Succeeded {
			continue
		}
		m.open++
		s.outcome, s.end, s.missing = "", record.End{}, 0
		for _, need := range s.Needs {
			if m.byName[need].outcome != record.Succeeded {
				s.missing++
			}
		}
	}
}
