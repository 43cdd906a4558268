package engine

import (
	"slices"
	"time"
)

// launch adds the commands that start the steps that are ready, as many as there is room for.
func (m *Machine) launch(commands []Command, now time.Time) []Command {
	if m.canLaunch() && m.plan.Stagger <= 0 {
		commands = slices.Grow(commands, m.room())
	}
	for m.canLaunch() && !now.Before(m.earliest) {
		s := m.ready.take()
		s.started, s.sighted, s.startedAt = s.lastClosed()+1, false, now
		s.busy, s.refused, s.gone = true, nil, nil
		m.inFlight++
		m.count(s)
		m.tell(s)
		m.earliest = now.Add(m.plan.Stagger)
		commands = append(commands, Command{Do: Start, Step: s.Name, Attempt: s.started})
	}
	return commands
}

func (m *Machine) canLaunch() bool { return m.room() > 0 && !m.halted && !m.viewing }

// room is how many of the steps that are ready MaxParallelism lets start.
func (m *Machine) room() int {
	if m.plan.MaxParallelism <= 0 {
		return m.ready.len()
	}
	return min(m.ready.len(), m.plan.MaxParallelism-m.live)
}
