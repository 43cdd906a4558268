package engine

import (
	"time"

	"github.com/org/k8sorch/internal/record"
)

// Answer tells the machine what the cluster said to a command.
func (m *Machine) Answer(c Command, a Answer, now time.Time) {
	s, ok := m.byName[c.Step]
	if !ok || !s.busy {
		return
	}
	m.inFlight--
	s.busy, s.trouble = false, ""
	switch c.Do {
	case Start:
		m.yield(s)
		s.answerStart(a.Refusal, now)
	case Remove:
		s.leaving(c)
	case ForceRemove:
		s.departure.since = now
	case Commit:
		m.know(s, a.Standing)
	case Close:
		if !s.isClosed(c.Attempt) {
			s.close(c.Closing)
		}
	case Confirm:
		m.confirm(s, c.Attempt, a.Confirmation, now)
	}
	m.touch(s)
}

// yield takes a start back that made no attempt, because the cluster had the step's value already. The next attempt to be
// started need not keep its distance from it.
func (m *Machine) yield(s *step) {
	if s.sighted || s.result == nil || s.result.Attempt > 0 {
		return
	}
	if m.earliest.Equal(s.startedAt.Add(m.plan.Stagger)) {
		m.earliest = s.startedAt
	}
	s.started = s.lastClosed()
}

func (s *step) answerStart(refusal *Refusal, now time.Time) {
	s.startedAt = now
	switch {
	case refusal == nil:
		s.refusals = 0
	case !s.sighted:
		s.refused = refusal
	}
}

// confirm takes the truth about an attempt that is not in view, or about which the view may be wrong.
func (m *Machine) confirm(s *step, attempt int, truth Confirmation, now time.Time) {
	if truth.RunGone {
		m.halted = true
		return
	}
	m.know(s, truth.Result)
	if truth.Closed != nil {
		s.close(*truth.Closed)
	}
	if attempt < s.lastClosed() {
		s.searched = max(s.searched, attempt)
	}
	sg := truth.Sighting
	switch _, inView := s.find(attempt); {
	case sg == nil && inView && !s.inView:
		// It has come into view since, so the answer is the older news.
	case sg == nil:
		s.hide(attempt)
		s.settleAbsent(attempt, now)
	case sg.over() && sg.Result == nil && s.isClosed(attempt):
		s.settleAbsent(attempt, now)
	default:
		s.show(*sg, now)
	}
}

// settleAbsent draws the conclusion from an attempt that is over.
func (s *step) settleAbsent(attempt int, now time.Time) {
	switch {
	case s.result != nil:
		s.confirmed = max(s.confirmed, attempt)
	case s.isClosed(attempt):
		s.confirmed = max(s.confirmed, attempt)
		_, delay := s.verdict()
		s.notBefore = now.Add(delay)
	case s.refused != nil:
		s.turnAway(attempt, now)
	default:
		s.gone = &goneAttempt{attempt: attempt, end: record.End{
			Outcome: record.Lost, Reason: "Vanished", Message: "it is gone from the cluster and left neither a result nor a reason",
		}}
	}
}

// turnAway believes a refusal. It may have answered the repetition of a call that did take effect (a quota is checked
// before the name is), so it is believed only once the attempt is known not to exist.
func (s *step) turnAway(attempt int, now time.Time) {
	refusal := s.refused
	if refusal.Queued {
		s.refusals++
		s.started = s.lastClosed()
		s.notBefore = now.Add(queueing().delay(s.refusals, s.Name, attempt))
		return
	}
	s.refused = nil
	s.gone = &goneAttempt{attempt: attempt, end: record.End{
		Outcome: record.NotStarted, Reason: refusal.Reason, Message: refusal.Message, Permanent: refusal.Permanent,
	}}
}

// queueing says how long a start waits that was refused for want of quota before it is asked for again. Kubernetes gives
// no sign when quota becomes free; the end of an attempt of the run is one (see [Machine.Observe]).
func queueing() Budget {
	return Budget{Delay: 5 * time.Second, Factor: 2, Cap: time.Minute, Jitter: 0.2}
}

// Trouble notes why a command has not been answered yet, for people; an answer clears it.
func (m *Machine) Trouble(c Command, text string) {
	if s, ok := m.byName[c.Step]; ok && s.busy {
		s.trouble = text
		m.tell(s)
	}
}
