package process

import (
	"cmp"
	"slices"
	"sync"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// view is what is known of each step, for everyone who asks.
type view struct {
	mu      sync.Mutex
	steps   map[string]engine.Observation
	changed func(step string)
}

// watch names who is told of changes.
func (v *view) watch(changed func(step string)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.changed = changed
}

func (v *view) get(step string) engine.Observation {
	v.mu.Lock()
	defer v.mu.Unlock()
	return cloneObservation(v.steps[step])
}

// change changes what is known of a step and tells of it. What edit replaces stays as it was for those who have it.
func (v *view) change(step string, edit func(*engine.Observation)) {
	v.mu.Lock()
	if v.steps == nil {
		v.steps = map[string]engine.Observation{}
	}
	o := cloneObservation(v.steps[step])
	edit(&o)
	v.steps[step] = o
	changed := v.changed
	v.mu.Unlock()
	if changed != nil {
		changed(step)
	}
}

func cloneObservation(o engine.Observation) engine.Observation {
	o.Closed, o.Sightings = slices.Clone(o.Closed), slices.Clone(o.Sightings)
	return o
}

func indexSighting(o engine.Observation, attempt int) int {
	return slices.IndexFunc(o.Sightings, func(s engine.Sighting) bool { return s.Attempt == attempt })
}

func putSighting(o *engine.Observation, s engine.Sighting) {
	dropSighting(o, s.Attempt)
	o.Sightings = append(o.Sightings, s)
	slices.SortFunc(o.Sightings, func(a, b engine.Sighting) int { return cmp.Compare(a.Attempt, b.Attempt) })
}

func dropSighting(o *engine.Observation, attempt int) {
	o.Sightings = slices.DeleteFunc(o.Sightings, func(s engine.Sighting) bool { return s.Attempt == attempt })
}

func putClosed(o *engine.Observation, a record.Attempt) {
	o.Closed = slices.DeleteFunc(o.Closed, func(other record.Attempt) bool { return other.Attempt == a.Attempt })
	o.Closed = append(o.Closed, a)
	slices.SortFunc(o.Closed, func(a, b record.Attempt) int { return cmp.Compare(a.Attempt, b.Attempt) })
}
