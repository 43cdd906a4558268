// Package engine decides what happens in a run. The [Machine] is pure: observations, answers and the time go in,
// commands come out; it has no clock, no goroutine and no I/O. The [Driver] feeds it from a [Cluster] and carries its
// commands out there.
//
// An orchestrator that was restarted feeds a new machine with what is on the cluster; there is no other way of resuming.
package engine

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// Machine is the state of one run.
type Machine struct {
	plan   Plan
	steps  []*step
	byName map[string]*step
	dirty  []*step
	ready  readyQueue
	timers timerQueue
	// live counts the attempts that MaxParallelism counts, open the steps without an outcome, inFlight the commands
	// without an answer.
	live, open, inFlight int
	earliest             time.Time
	viewing              bool
	halted               bool
	// stopping ends what runs; draining begins nothing new. Each holds the reason.
	stopping, draining string
	stopped            bool
}

// NewMachine returns the machine of a run about which nothing has been observed yet.
func NewMachine(plan Plan) (*Machine, error) {
	m := &Machine{plan: plan, byName: make(map[string]*step, len(plan.Steps)), open: len(plan.Steps)}
	for i, p := range plan.Steps {
		s := &step{Step: p, index: i, missing: len(p.Needs)}
		for _, need := range p.Needs {
			up, ok := m.byName[need]
			if !ok {
				return nil, fmt.Errorf("planning step %q: it needs %q, which does not come before it", p.Name, need)
			}
			up.dependents = append(up.dependents, s)
		}
		m.steps = append(m.steps, s)
		m.byName[p.Name] = s
		m.touch(s)
	}
	return m, nil
}

// NewViewer returns a machine that gives no commands: it derives the state of a run that somebody else drives.
func NewViewer(plan Plan) (*Machine, error) {
	m, err := NewMachine(plan)
	if m != nil {
		m.viewing = true
	}
	return m, err
}

// Observe tells the machine what the cluster knows of a step. Records, once seen, are not forgotten: a view that lags
// behind takes nothing back.
func (m *Machine) Observe(name string, o Observation, now time.Time) {
	s, ok := m.byName[name]
	if !ok {
		return
	}
	s.observe(o, now)
	m.touch(s)
}

// Stop asks the run to end: what runs is stopped, what has not begun is skipped.
func (m *Machine) Stop(reason string) {
	m.stopped = true
	m.stop(reason)
}

// Halt makes the machine give no further command: the run itself is gone, or about to be.
func (m *Machine) Halt() { m.halted = true }

// stop ends what runs and begins nothing new.
func (m *Machine) stop(reason string) {
	if m.stopping != "" {
		return
	}
	m.stopping = reason
	m.touchAll()
}

// Advance returns the commands that are due. Each is to be carried out and [Machine.Answer]ed.
func (m *Machine) Advance(now time.Time) []Command {
	for _, s := range m.timers.due(now) {
		m.touch(s)
	}
	var commands []Command
	for len(m.dirty) > 0 {
		s := m.dirty[0]
		m.dirty = m.dirty[1:]
		s.dirty = false
		if c, ok := m.decide(s, now); ok {
			s.busy = true
			m.inFlight++
			commands = append(commands, c)
		}
		m.count(s)
	}
	return append(commands, m.launch(now)...)
}

// Wake returns the time at which Advance has something to do though nothing was observed; zero when there is none.
func (m *Machine) Wake() time.Time {
	wake := m.timers.next()
	if m.canLaunch() && (wake.IsZero() || m.earliest.Before(wake)) {
		wake = m.earliest
	}
	return wake
}

// Done tells that every step has its outcome and every command its answer.
func (m *Machine) Done() bool { return m.open == 0 && m.inFlight == 0 }

// Halted tells that the run itself is gone from the cluster: nothing may be done for it any more.
func (m *Machine) Halted() bool { return m.halted }

// Outcome returns how the run ended, once it is [Machine.Done].
func (m *Machine) Outcome() record.Outcome {
	outcome := record.Succeeded
	for _, s := range m.steps {
		if s.outcome != record.Succeeded {
			outcome = record.Failed
		}
	}
	if outcome != record.Succeeded && m.stopped {
		return record.Stopped
	}
	return outcome
}

func (m *Machine) touch(s *step) {
	if !s.dirty {
		s.dirty = true
		m.dirty = append(m.dirty, s)
	}
}

func (m *Machine) touchAll() {
	for _, s := range m.steps {
		m.touch(s)
	}
}

// count keeps the number of live attempts.
func (m *Machine) count(s *step) {
	if occupies := s.occupies(); occupies != s.counted {
		s.counted = occupies
		if occupies {
			m.live++
		} else {
			m.live--
		}
	}
}
