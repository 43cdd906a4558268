package engine

import "time"

// launch starts steps that are ready, as many as there is room for.
func (m *Machine) launch(now time.Time) []Command {
	var commands []Command
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

func (m *Machine) canLaunch() bool {
	room := m.plan.MaxParallelism <= 0 || m.live < m.plan.MaxParallelism
	return room && m.ready.len() > 0 && !m.halted && !m.viewing
}
