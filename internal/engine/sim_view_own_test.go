package engine_test

import (
	"slices"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// own is what one orchestrator wrote of a step: its view is never behind that, and may be behind everything else.
type own struct {
	result *record.Result
	closed []record.Attempt
	// started is the pod as the start's answer showed it, when the pods had come to startedAt; leaving are the pods that
	// were removed.
	started   *engine.Sighting
	startedAt int
	leaving   map[string]bool
}

// wrote takes in what a command wrote that was answered.
func (v *view) wrote(c engine.Command, a engine.Answer, t *truth) {
	switch p := t.pods[c.Attempt]; c.Do {
	case engine.Start:
		if p != nil {
			v.own.started, v.own.startedAt = new(p.sighting), t.version[podsWatch]
		}
		if t.result != nil && t.result.Attempt == 0 {
			v.own.result = t.result
		}
	case engine.Remove:
		if v.own.leaving == nil {
			v.own.leaving = map[string]bool{}
		}
		v.own.leaving[c.UID] = true
	case engine.Commit:
		v.own.result = a.Standing
	case engine.Close:
		i := slices.IndexFunc(t.closed, func(r record.Attempt) bool { return r.Attempt == c.Attempt })
		if i >= 0 {
			v.own.closed = append(v.own.closed, t.closed[i])
		}
	}
}

// addTo adds what a view of this version lacks.
func (w own) addTo(o *engine.Observation, version [2]int) {
	o.Closed = append(o.Closed, w.closed...)
	if w.started != nil && version[podsWatch] < w.startedAt {
		o.Sightings = slices.DeleteFunc(o.Sightings, func(sg engine.Sighting) bool { return sg.Attempt == w.started.Attempt })
		o.Sightings = append(o.Sightings, *w.started)
	}
	for i := range o.Sightings {
		o.Sightings[i].Deleting = o.Sightings[i].Deleting || w.leaving[o.Sightings[i].UID]
	}
}
