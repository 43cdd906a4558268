package engine_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// machine is the one of an orchestrator. In a run that was retried, the world knows nothing of that: the steps had attempts
// before, whose records and remains the machine sees, and the world's numbers begin after them.
type machine struct {
	*engine.Machine
	// earlier is how many attempts each step had before.
	earlier map[string]int
}

// newMachine makes a machine of the world's plan, or one that only looks.
func (w *world) newMachine(p engine.Plan, of func(engine.Plan) (*engine.Machine, error)) (*machine, error) {
	earlier := map[string]int{}
	p.Steps = slices.Clone(p.Steps)
	for i := range p.Steps {
		if s := &p.Steps[i]; w.retried {
			s.Earlier = (i + len(p.Steps)) % 4
			earlier[s.Name] = s.Earlier
		}
	}
	m, err := of(p)
	return &machine{m, earlier}, err
}

func (m *machine) Observe(step string, o engine.Observation, now time.Time) {
	by := m.earlier[step]
	seen := engine.Observation{Result: shiftedResult(o.Result, by)}
	for n := 1; n <= by; n++ {
		seen.Closed = append(seen.Closed, record.Attempt{Step: step, Attempt: n, End: record.End{Outcome: record.Failed, Reason: "Old", Permanent: true}})
		seen.Sightings = append(seen.Sightings, engine.Sighting{Attempt: n, UID: fmt.Sprint("old", n), Phase: engine.Running, Litter: true})
	}
	for _, a := range o.Closed {
		a.Attempt += by
		seen.Closed = append(seen.Closed, a)
	}
	for _, sg := range o.Sightings {
		seen.Sightings = append(seen.Sightings, shiftedSighting(sg, by))
	}
	m.Machine.Observe(step, seen, now)
}

func (m *machine) Advance(now time.Time) []engine.Command {
	commands := m.Machine.Advance(now)
	for i := range commands {
		commands[i] = m.shifted(commands[i], -1)
	}
	return commands
}

func (m *machine) Answer(c engine.Command, a engine.Answer, now time.Time) {
	by := m.earlier[c.Step]
	a.Standing, a.Confirmation.Result = shiftedResult(a.Standing, by), shiftedResult(a.Confirmation.Result, by)
	if closed := a.Confirmation.Closed; closed != nil {
		a.Confirmation.Closed = new(*closed)
		a.Confirmation.Closed.Attempt += by
	}
	if sg := a.Confirmation.Sighting; sg != nil {
		a.Confirmation.Sighting = new(shiftedSighting(*sg, by))
	}
	m.Machine.Answer(m.shifted(c, 1), a, now)
}

func (m *machine) Trouble(c engine.Command, text string) {
	m.Machine.Trouble(m.shifted(c, 1), text)
}

// shifted returns a command with the numbers that its attempts have on the other side.
func (m *machine) shifted(c engine.Command, sign int) engine.Command {
	by := sign * m.earlier[c.Step]
	c.Attempt += by
	if c.Do == engine.Commit {
		c.Result = *shiftedResult(&c.Result, by)
	}
	if c.Do == engine.Close {
		c.Closing.Attempt += by
	}
	return c
}

// shiftedResult leaves the number of a result alone that is of no attempt.
func shiftedResult(r *record.Result, by int) *record.Result {
	if r == nil || r.Attempt == 0 {
		return r
	}
	r = new(*r)
	r.Attempt += by
	return r
}

func shiftedSighting(sg engine.Sighting, by int) engine.Sighting {
	sg.Attempt += by
	sg.Result = shiftedResult(sg.Result, by)
	return sg
}
