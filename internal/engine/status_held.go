package engine

import (
	"fmt"
	"time"
)

// between says where a step stands whose attempts so far have ended without a result.
func (m *Machine) between(s *step) (State, string) {
	again, delay := s.verdict()
	if !again {
		// That it left no result is still to be made sure of.
		return Ending, ""
	}
	last := s.closed[len(s.closed)-1]
	text := fmt.Sprintf("attempt %d ended as %s", last.Attempt, last.Outcome)
	if held := m.heldBack(s); held != "" {
		return Retrying, text + "; the next one " + held
	}
	if delay == 0 {
		return Retrying, text + ", the next one begins at once"
	}
	return Retrying, text + ", the next one begins " + inWords(delay) + " later"
}

// heldBack says what keeps the next attempt of a step from being started for which nothing else is missing; empty when
// that is nothing. It names no numbers that change all the time: they would be news of every step that waits.
func (m *Machine) heldBack(s *step) string {
	room := max(0, m.plan.MaxParallelism-m.live)
	switch {
	case s.missing > 0:
		return "waits for the record of a step that it needs"
	case m.brink > 0 && m.reacts(s):
		return "waits to see whether another step has failed"
	case s.queue != &m.ready:
		return ""
	case m.plan.MaxParallelism > 0 && m.ready.len() > room:
		return fmt.Sprintf("waits for a free place: MaxParallelism is %d", m.plan.MaxParallelism)
	case m.plan.Stagger > 0:
		return fmt.Sprintf("waits for its turn: starts are %s apart", inWords(m.plan.Stagger))
	}
	return ""
}

// inWords returns a duration without the digits that chance has put there.
func inWords(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
