package engine

import (
	"encoding/json"
	"fmt"
	"slices"
)

// encodedPlan is a plan as it is stored. What steps have besides their place in the graph is mostly the same for all of them,
// and stands there once: every process of a run reads the plan.
type encodedPlan struct {
	*plainPlan

	// Steps takes the place of the plan's own.
	Steps []encodedStep `json:"steps"`
	// Terms are the distinct ones: steps without what encodedStep says.
	Terms []json.RawMessage `json:"terms"`
}

// plainPlan is a plan that is encoded as its fields are.
type plainPlan Plan

// encodedStep is what is a step's own.
type encodedStep struct {
	Name    string   `json:"name"`
	Needs   []string `json:"needs,omitempty"`
	Earlier int      `json:"earlier,omitempty"`
	// Terms is the index of the step's terms.
	Terms int `json:"terms,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (p Plan) MarshalJSON() ([]byte, error) {
	e := encodedPlan{plainPlan: (*plainPlan)(&p), Steps: make([]encodedStep, len(p.Steps))}
	known := map[string]int{}
	for i, s := range p.Steps {
		e.Steps[i] = encodedStep{Name: s.Name, Needs: s.Needs, Earlier: s.Earlier}
		s.Name, s.Needs, s.Earlier = "", nil, 0
		terms, err := json.Marshal(s)
		if err != nil {
			return nil, err
		}
		index, seen := known[string(terms)]
		if !seen {
			index = len(e.Terms)
			known[string(terms)], e.Terms = index, append(e.Terms, terms)
		}
		e.Steps[i].Terms = index
	}
	return json.Marshal(e)
}

// UnmarshalJSON implements [json.Unmarshaler].
func (p *Plan) UnmarshalJSON(b []byte) error {
	e := encodedPlan{plainPlan: (*plainPlan)(p)}
	if err := json.Unmarshal(b, &e); err != nil {
		return err
	}
	terms := make([]Step, len(e.Terms))
	for i, encoded := range e.Terms {
		if err := json.Unmarshal(encoded, &terms[i]); err != nil {
			return err
		}
	}
	p.Steps = slices.Grow([]Step(nil), len(e.Steps))
	names := make(map[string]string, len(e.Steps))
	for _, s := range e.Steps {
		if s.Terms < 0 || s.Terms >= len(terms) {
			return fmt.Errorf("step %q has terms %d of %d", s.Name, s.Terms, len(terms))
		}
		step := terms[s.Terms]
		step.Name, step.Needs, step.Earlier = s.Name, s.Needs, s.Earlier
		names[s.Name] = s.Name
		shareNames(names, step.Needs)
		p.Steps = append(p.Steps, step)
	}
	return nil
}

// shareNames puts the names that are known already in the place of those that were decoded: a step has a name once, and as many
// edges as it likes.
func shareNames(known map[string]string, names []string) {
	for i, name := range names {
		if one, ok := known[name]; ok {
			names[i] = one
		}
	}
}
