// Package engine decides what happens in a run. The [Machine] is pure: observations, answers and the time go in,
// commands come out; it has no clock, no goroutine and no I/O. The [Driver] feeds it from a [Cluster] and carries its
// commands out there.
//
// An orchestrator that was restarted feeds a new machine with what is on the cluster; there is no other way of resuming.
// What only the memory of the last one held begins anew: a retry's delay, the startup timeout, the grace of a waiting
// reason, the time before an attempt is removed by force, and of a step's timeout what has passed since its latest attempt started.
package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// Machine is the state of one run.
type Machine struct {
	plan   Plan
	steps  []*step
	byName map[string]*step
	// dirty are the steps to be looked at, changed those to be told of.
	dirty, changed []*step
	// ready holds the steps that may start, held those that were refused for want of quota.
	ready, held stepQueue
	timers      timerQueue
	// live counts the attempts that MaxParallelism counts, open the steps without an outcome, inFlight the commands
	// without an answer.
	live, open, inFlight int
	// brink counts the steps that will have failed as soon as it is confirmed that they left no result.
	brink int
	// earliest is when the next attempt may start.
	earliest time.Time
	viewing  bool
	// unattended tells a viewer that nobody drives the run any more.
	unattended bool
	halted     bool
	// stopping ends what runs; sealed begins no further step. Each holds the reason.
	stopping, sealed string
	// request is the reason for which the run was asked to stop, draining the one for which it was asked to drain; empty
	// when it was not.
	request, draining string
}

// NewMachine returns the machine of a run about which nothing has been observed yet.
func NewMachine(plan Plan) (*Machine, error) {
	plan.Mode = cmp.Or(plan.Mode, ContinueOnFailure)
	n := len(plan.Steps)
	m := &Machine{plan: plan, steps: make([]*step, 0, n), byName: make(map[string]*step, n), dirty: make([]*step, 0, n), open: n}
	steps := make([]step, n)
	for i := range plan.Steps {
		steps[i] = newStep(&plan.Steps[i], i)
		if err := m.plant(&steps[i]); err != nil {
			return nil, fmt.Errorf("planning step %q: %w", steps[i].Name, err)
		}
	}
	for _, s := range slices.Backward(m.steps) { // in topological order: what depends on s comes first
		for _, dep := range s.dependents {
			s.way = max(s.way, dep.way+1)
		}
	}
	return m, nil
}

// plant adds a step to the graph.
func (m *Machine) plant(s *step) error {
	if _, taken := m.byName[s.Name]; taken {
		return errors.New("a step before it has the same name")
	}
	for _, need := range s.Needs {
		up, ok := m.byName[need]
		if !ok {
			return fmt.Errorf("it needs %q, which does not come before it", need)
		}
		up.dependents = append(up.dependents, s)
	}
	m.steps = append(m.steps, s)
	m.byName[s.Name] = s
	m.touch(s)
	return nil
}

// NewViewer returns a machine that gives no commands: it derives the state of a run that somebody else drives. It has to
// be told of a request to stop or to drain, as the one that drives is, and of the end of that one (see
// [Machine.Unattended]).
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
	alive := s.alive()
	m.know(s, o.Result)
	s.observe(o, now)
	m.adopt(s, now)
	if alive && !s.alive() {
		m.admit(now)
	}
	m.touch(s)
}

// adopt reckons with what another orchestrator has started: before this one started anything, which keeps the stagger,
// or though this one had given the step up.
func (m *Machine) adopt(s *step, now time.Time) {
	if m.earliest.IsZero() && s.begun() {
		m.earliest = now.Add(m.plan.Stagger)
	}
	if s.outcome != "" && s.outcome != record.Succeeded && s.latest() > s.judged {
		m.reconsider()
	}
}

// quotaLag is how long after the end of an attempt its share of a quota counts as free. Kubernetes counts quotas in a
// controller of its own (k8s.io/kubernetes/pkg/controller/resourcequota), which is told of that end when everybody is:
// whoever asks at once is refused.
const quotaLag = time.Second

// admit lets one step that waits for quota ask again soon, now that an attempt gives some back. What is taken is not known:
// it may be refused once more, and is then early in its turn of pauses again.
func (m *Machine) admit(now time.Time) {
	if m.held.len() > 0 {
		s := m.held.take()
		s.refusals, s.notBefore = 0, now.Add(quotaLag)
		m.touch(s)
	}
}

// Advance returns the commands that are due. Each is to be carried out and [Machine.Answer]ed.
func (m *Machine) Advance(now time.Time) []Command {
	for _, s := range m.timers.due(now) {
		m.touch(s)
	}
	var commands []Command
	for next := 0; next < len(m.dirty); { // deciding about one step may touch others
		s := m.dirty[next]
		next++
		s.dirty = false
		if c, ok := m.decide(s, now); ok {
			s.busy = true
			m.inFlight++
			commands = append(commands, c)
		}
		m.count(s)
	}
	m.dirty = m.dirty[:0]
	return m.launch(commands, now)
}

// Wake returns the time at which Advance has something to do though nothing was observed; zero when there is none. It
// holds after an Advance, until the next observation or answer.
func (m *Machine) Wake() time.Time {
	if m.halted {
		return time.Time{}
	}
	wake := m.timers.next()
	if m.canLaunch() {
		wake = soonest(wake, m.earliest)
	}
	return wake
}

// Done tells that every step has its outcome and every command its answer.
func (m *Machine) Done() bool { return m.open == 0 && m.inFlight == 0 && len(m.dirty) == 0 }

func (m *Machine) touch(s *step) {
	m.tell(s)
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

// tell puts the step among those whose status may have changed.
func (m *Machine) tell(s *step) {
	if !s.news {
		s.news = true
		m.changed = append(m.changed, s)
	}
}

// news returns the status of each step that may have changed since the last call, those that others need first.
func (m *Machine) news() []Status {
	var news []Status
	slices.SortFunc(m.changed, func(a, b *step) int { return cmp.Compare(a.index, b.index) })
	for _, s := range m.changed {
		s.news = false
		news = append(news, m.Status(s.Name))
	}
	m.changed = m.changed[:0]
	return news
}

// count keeps the number of live attempts, and of steps on the brink of failure.
func (m *Machine) count(s *step) {
	if occupies := s.occupies(); occupies != s.counted {
		s.counted = occupies
		m.live += sign(occupies)
	}
	if brink := m.onBrink(s); brink != s.onBrink {
		s.onBrink = brink
		m.brink += sign(brink)
		if m.brink == 0 || brink && m.brink == 1 {
			m.touchAll()
		}
	}
}

func sign(more bool) int {
	if more {
		return 1
	}
	return -1
}
