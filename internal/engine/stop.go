package engine

import (
	"cmp"
	"slices"

	"github.com/org/k8sorch/internal/record"
)

// Stop asks the run to end: what runs is stopped, what has not begun is skipped. It comes too late for a run that is
// over.
func (m *Machine) Stop(reason string) {
	if m.open == 0 {
		return
	}
	m.request = cmp.Or(m.request, reason, "a stop was requested")
	m.stop(m.request)
}

// StopReason is why the run was asked to stop or, if it was not, to drain; empty when it was asked neither. A viewer may see
// what a stop has ended before it hears of the stop: the records say why, too.
func (m *Machine) StopReason() string {
	if m.request == "" {
		for _, s := range m.steps {
			if s.end.Reason == reasonRequest && s.end.Message != m.draining {
				return s.end.Message
			}
		}
	}
	return m.asked()
}

// asked is the reason of a request that this machine was told of.
func (m *Machine) asked() string { return cmp.Or(m.request, m.draining) }

// Halt makes the machine give no further command: the run itself is gone, or about to be.
func (m *Machine) Halt() { m.halted = true }

// Halted tells that the run itself is gone from the cluster: nothing may be done for it any more.
func (m *Machine) Halted() bool { return m.halted }

// stop ends what runs and begins nothing new.
func (m *Machine) stop(reason string) {
	if m.stopping != "" {
		return
	}
	m.stopping = reason
	m.touchAll()
}

// The reasons of attempts that were stopped. Whoever derives the run's outcome from records alone tells by them whether
// somebody had asked for it.
const (
	reasonRequest = "Stopped"
	reasonFailure = "FailFast"
)

// cutShort returns the end of an attempt that is stopped.
func (m *Machine) cutShort() record.End {
	reason := reasonFailure
	if m.asked() != "" {
		reason = reasonRequest
	}
	return record.End{Outcome: record.Stopped, Reason: reason, Message: cmp.Or(m.stopping, m.draining)}
}

// Outcome returns how the run ended, once it is [Machine.Done]: Succeeded, Failed, or Stopped when a request to stop or to
// drain has cut it short.
//
// Only the record of an attempt tells for certain that it was a request. Where none does, in a mode in which a failure cuts
// the run short, too, and a step has failed, it was the failure: whoever hears of a request that came too late says the same.
func (m *Machine) Outcome() record.Outcome {
	outcome, asked, failed := record.Succeeded, false, false
	for _, s := range m.steps {
		switch {
		case s.outcome == record.Succeeded:
			continue
		case s.stoppedOnRequest():
			return record.Stopped
		case m.cut(s):
			asked = asked || m.asked() != ""
		case s.outcome != record.Skipped:
			failed = true
		}
		outcome = record.Failed
	}
	if asked && !(failed && m.plan.Mode != ContinueOnFailure) {
		return record.Stopped
	}
	return outcome
}

// stoppedOnRequest tells that the step's last attempt has a record which says that a request has stopped it.
func (s *step) stoppedOnRequest() bool {
	last := len(s.closed) - 1
	return s.outcome == record.Stopped && last >= 0 && s.closed[last].Outcome == record.Stopped && s.closed[last].Reason == reasonRequest
}

// cut tells that the step did not come to an end of its own: it was stopped, or skipped though all it needs succeeded.
func (m *Machine) cut(s *step) bool {
	if s.outcome != record.Skipped {
		return s.outcome == record.Stopped
	}
	return !slices.ContainsFunc(s.Needs, func(need string) bool { return m.byName[need].outcome != record.Succeeded })
}
