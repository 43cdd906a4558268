package engine

import (
	"cmp"
	"fmt"

	"github.com/org/k8sorch/internal/record"
)

// finish gives a step its outcome, once and for all, and tells those that depend on it.
func (m *Machine) finish(s *step, outcome record.Outcome, end record.End) {
	if s.outcome != "" {
		return
	}
	s.outcome, s.end = outcome, end
	m.open--
	m.ready.drop(s)
	for _, dep := range s.dependents {
		if outcome == record.Succeeded {
			dep.missing--
			m.touch(dep)
			continue
		}
		dep.blame = cmp.Or(s.blame, s.Name)
		m.skip(dep, fmt.Sprintf("step %q did not succeed", dep.blame))
	}
	if outcome != record.Succeeded && outcome != record.Skipped {
		m.react(s)
	}
}

// skip gives a step that has not begun the outcome Skipped.
func (m *Machine) skip(s *step, reason string) {
	m.finish(s, record.Skipped, record.End{Outcome: record.Skipped, Reason: "Skipped", Message: reason})
}

// react does to the rest of the run what the mode says about a failure.
func (m *Machine) react(s *step) {
	reason := fmt.Sprintf("step %q ended as %s", s.Name, s.outcome)
	switch m.plan.Mode {
	case FailFast:
		m.stop(reason)
	case StopOnFailure:
		if m.draining == "" {
			m.draining = reason
			m.touchAll()
		}
	}
}
