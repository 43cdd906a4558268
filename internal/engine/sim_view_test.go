package engine_test

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// view is what one orchestrator's two watches have brought of a step.
type view struct {
	seen engine.Observation
	// before is what the watch of the pods brought before.
	before []engine.Sighting
	// version is how far each watch has come.
	version [2]int
	// own is what this orchestrator wrote, which counts until the watch has come as far.
	own own
	// blind makes it miss its pods for a while, old makes it show former ones.
	blind, old bool
}

// observation is what the view shows.
func (v *view) observation() engine.Observation {
	o := engine.Observation{Result: cmp.Or(v.seen.Result, v.own.result), Closed: slices.Clone(v.seen.Closed), Sightings: slices.Clone(v.seen.Sightings)}
	v.own.addTo(&o, v.version)
	switch {
	case v.blind:
		o.Sightings = nil
	case v.old:
		o.Sightings = slices.Clone(v.before)
	}
	return o
}

// wrong tells that the view shows other pods than its watch has brought.
func (v *view) wrong() bool { return v.blind || v.old }

// take brings one of the watches up to a version of the truth.
func (v *view) take(watch, version int, o engine.Observation) bool {
	if version <= v.version[watch] {
		return false
	}
	v.version[watch] = version
	if watch == podsWatch {
		v.before, v.seen.Sightings = v.seen.Sightings, o.Sightings
	} else {
		v.seen.Result, v.seen.Closed = o.Result, o.Closed
	}
	return true
}

// snapshot is the truth at this time, as a cluster tells it.
func (t *truth) snapshot() engine.Observation {
	o := engine.Observation{Result: t.result, Closed: slices.Clone(t.closed)}
	for _, attempt := range slices.Sorted(maps.Keys(t.pods)) {
		o.Sightings = append(o.Sightings, t.pods[attempt].sighting)
	}
	return o
}

// changed sends the truth about a step on its way to all who watch.
func (w *world) changed(t *truth, watch int) {
	t.version[watch]++
	version, now := t.version[watch], t.snapshot()
	for _, o := range w.orchestrators {
		w.agenda.add(w.arrival(), func() { o.deliver(t.Name, watch, version, now) })
	}
}

// arrival is when a change that happens now is seen.
func (w *world) arrival() time.Time {
	at := w.now
	if oneIn(w.choose, w.faults.lag) {
		w.tried[newsDelayed]++
		at = at.Add(upTo(w.choose, pick(w.choose, time.Second, 5*time.Second, time.Minute)))
	}
	if at.Before(w.frozen) {
		at = w.frozen
	}
	return at
}

// deliver brings a change into view.
func (o *orchestrator) deliver(step string, watch, version int, now engine.Observation) {
	if !o.dead && !o.done && !o.cut[watch] {
		// What is old news already is told again, as a watch that was restarted does.
		o.view[step].take(watch, version, now)
		o.observe(step)
	}
}

// cutWatch lets one of an orchestrator's watches bring nothing for a while, and begin again with a list then.
func (w *world) cutWatch(o *orchestrator) {
	watch := w.choose.IntN(2)
	if o.cut[watch] {
		return
	}
	w.tried[watchCut]++
	w.notef("%d: watch %d is cut", o.number, watch)
	o.cut[watch] = true
	w.after(upTo(w.choose, pick(w.choose, 10*time.Second, 10*time.Minute)), func() {
		o.cut[watch] = false
		for _, t := range w.steps {
			o.deliver(t.Name, watch, t.version[watch], t.snapshot())
		}
	})
}

// hasRun tells that an attempt of the step is seen to have run.
func hasRun(seen engine.Observation) bool {
	return slices.ContainsFunc(seen.Sightings, func(sg engine.Sighting) bool { return !sg.Started.IsZero() }) ||
		slices.ContainsFunc(seen.Closed, func(a record.Attempt) bool { return !a.Started.IsZero() })
}

func (o *orchestrator) observe(step string) {
	seen := o.view[step].observation()
	if o.world.hooks.view != nil {
		o.world.hooks.view(step, &seen)
	}
	if _, known := o.ran[step]; !known && hasRun(seen) {
		o.ran[step] = o.world.now
	}
	o.machine.Observe(step, seen, o.world.now)
	o.news = true
}

// blink makes an orchestrator's view of a step wrong for a while.
func (w *world) blink(o *orchestrator) {
	step := w.steps[w.choose.IntN(len(w.steps))].Name
	v := o.view[step]
	v.blind, v.old = true, false
	if oneIn(w.choose, 2) {
		v.blind, v.old = false, true
		w.tried[viewStale]++
	} else {
		w.tried[viewBlind]++
	}
	w.notef("the view of %s is wrong for a while", step)
	o.observe(step)
	w.after(upTo(w.choose, 50*time.Second), func() {
		v.blind, v.old = false, false
		if !o.dead && !o.done {
			o.observe(step)
		}
	})
}
