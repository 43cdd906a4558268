package engine

import (
	"time"

	"github.com/org/k8sorch/internal/record"
)

// queueCheck is how long a start that was refused for want of quota waits before it is asked for again. Kubernetes
// gives no sign when quota becomes free.
const queueCheck = 5 * time.Second

// Answer tells the machine what the cluster said to a command.
func (m *Machine) Answer(c Command, a Answer, now time.Time) {
	s, ok := m.byName[c.Step]
	if !ok {
		return
	}
	m.inFlight--
	s.busy, s.trouble = false, ""
	switch c.Do {
	case Start:
		s.startedAt = now
		s.answerStart(c, a.Refusal, now)
	case Commit:
		if s.result == nil {
			s.result = a.Standing
		}
	case Close:
		if !s.isClosed(c.Attempt) {
			s.close(c.Closing)
		}
	case Confirm:
		m.confirm(s, c, a.Confirmation, now)
	}
	m.touch(s)
}

func (s *step) answerStart(c Command, refusal *Refusal, now time.Time) {
	switch {
	case refusal == nil:
	case refusal.Queued:
		s.started, s.refused, s.notBefore = s.lastClosed(), refusal, now.Add(queueCheck)
	default:
		s.gone = &goneAttempt{attempt: c.Attempt, end: record.End{
			Outcome: record.NotStarted, Reason: refusal.Reason, Message: refusal.Message, Permanent: refusal.Permanent,
		}}
	}
}

// confirm takes the truth about an attempt that was closed, or that is not in view.
func (m *Machine) confirm(s *step, c Command, truth Confirmation, now time.Time) {
	switch {
	case truth.RunGone:
		m.halted = true
	case truth.Result != nil:
		s.result = truth.Result
	case truth.Sighting != nil && truth.Sighting.Phase != Ended:
		s.show(*truth.Sighting, now)
	case s.isClosed(c.Attempt):
		s.confirmed = c.Attempt
		_, delay := s.verdict()
		s.notBefore = now.Add(delay)
	case truth.Sighting != nil:
		s.show(*truth.Sighting, now)
	default:
		s.gone = &goneAttempt{attempt: c.Attempt, end: record.End{
			Outcome: record.Lost, Reason: "Vanished", Message: "it is gone from the cluster and left neither a result nor a reason",
		}}
	}
}

// show adds an attempt that the view does not have yet.
func (s *step) show(sg Sighting, now time.Time) {
	o := Observation{Sightings: []Sighting{sg}}
	for _, other := range s.sightings {
		if other.Attempt != sg.Attempt {
			o.Sightings = append(o.Sightings, other)
		}
	}
	s.observe(o, now)
}

// Trouble notes why a command has not been answered yet, for people; an answer clears it.
func (m *Machine) Trouble(c Command, text string) {
	if s, ok := m.byName[c.Step]; ok {
		s.trouble = text
	}
}
