package engine

import (
	"slices"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// State says where a step stands.
type State string

const (
	// Pending: waits for other steps.
	Pending State = "Pending"
	// Ready: waits for its turn, under MaxParallelism or the stagger.
	Ready State = "Ready"
	// Starting: its attempt is being started and not in sight yet.
	Starting State = "Starting"
	// Retrying: waits for the time of its next attempt.
	Retrying State = "Retrying"
	// Ending: its attempt has ended, or is being ended, and that is being recorded.
	Ending State = "Ending"
	// Done: it has its outcome.
	Done State = "Done"
)

// stateOf returns the state of an attempt in a phase.
func stateOf(p Phase) State {
	if p == Ended {
		return Ending
	}
	return State(p)
}

// Status is what people are told about a step.
type Status struct {
	Step  string
	State State
	// Attempt is the number of the latest attempt, be it from before the run was retried; 0 when there was none.
	Attempt int
	// Why says what keeps the step from running, where its state does not say it all, or that the cluster does not answer.
	Why string
	// Outcome is set once the state is Done; End says more where the step did not succeed.
	Outcome record.Outcome
	End     record.End
	// Result is the step's record, once it succeeded.
	Result *record.Result
	// Closed are the records of the attempts that ended otherwise.
	Closed []record.Attempt
	// Started is when the latest attempt's process started, by the cluster's clock.
	Started time.Time
}

// Status returns where a step stands.
func (m *Machine) Status(name string) Status {
	s, ok := m.byName[name]
	if !ok {
		return Status{Step: name}
	}
	st := Status{Step: name, Attempt: s.latest(), Outcome: s.outcome, End: s.end, Result: s.result, Closed: slices.Clone(s.closed)}
	st.State, st.Why = m.stateOf(s)
	if sg, ok := s.current(); ok {
		st.Started = sg.Started
	}
	if s.result != nil {
		st.Attempt, st.Started = s.result.Attempt, s.result.Started
	}
	if s.trouble != "" {
		st.Why = s.trouble
	}
	return st
}

func (m *Machine) stateOf(s *step) (State, string) {
	sg, exists := s.current()
	last := s.lastClosed()
	switch {
	case s.outcome != "":
		return Done, s.end.Message
	case exists && !s.isClosed(sg.Attempt):
		return stateOf(sg.Phase), waitingWhy(sg)
	case exists && sg.Phase != Ended:
		return Ending, "its attempt is being removed"
	case s.started > last && s.sighted:
		return Ending, "its attempt is out of sight"
	case s.started > last && s.refused != nil:
		return Starting, s.refused.Error()
	case s.started > last:
		return Starting, ""
	case s.refused != nil:
		return State(Queued), s.refused.Error()
	case len(s.closed) > 0:
		return m.between(s)
	case s.missing > 0:
		return Pending, ""
	}
	return Ready, m.heldBack(s)
}

func waitingWhy(sg Sighting) string {
	switch {
	case sg.Phase == Ended:
		return ""
	case !sg.Deleting:
		return why(sg)
	case why(sg) != "":
		return "its attempt is on its way out: " + why(sg)
	}
	return "its attempt is on its way out"
}
