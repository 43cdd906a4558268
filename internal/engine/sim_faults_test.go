package engine_test

import (
	"maps"
	"slices"
	"time"
)

// scheduleFaults decides what else happens to the run, other than to its attempts.
func (w *world) scheduleFaults() {
	if oneIn(w.choose, w.faults.stops) {
		w.after(upTo(w.choose, 10*time.Minute), w.askToStop)
	}
	if oneIn(w.choose, w.faults.drains) {
		w.after(upTo(w.choose, 10*time.Minute), w.askToDrain)
	}
	if oneIn(w.choose, w.faults.deletions) {
		w.after(upTo(w.choose, 10*time.Minute), w.delete)
	}
	w.after(time.Second, w.trouble)
}

// trouble lets things go wrong now and then, for some time.
func (w *world) trouble() {
	if w.troubles++; w.troubles > maxTroubles {
		return
	}
	if oneIn(w.choose, w.faults.outages) {
		w.tried[outage]++
		w.frozen = w.now.Add(upTo(w.choose, 10*time.Minute))
		w.notef("the API is out of reach until %s", w.frozen.Format("15:04:05"))
	}
	for _, o := range w.orchestrators {
		if !o.done && oneIn(w.choose, w.faults.blinks) && !w.now.Before(w.frozen) {
			w.blink(o)
		}
		if !o.done && oneIn(w.choose, w.faults.cuts) {
			w.cutWatch(o)
		}
	}
	if oneIn(w.choose, w.faults.meddling) {
		w.meddle()
	}
	w.after(5*time.Second, w.trouble)
}

// meddle lets somebody delete a pod, with its grace or at once, before or after its end.
func (w *world) meddle() {
	t := w.steps[w.choose.IntN(len(w.steps))]
	attempts := slices.Sorted(maps.Keys(t.pods))
	if len(attempts) == 0 {
		return
	}
	p := t.pods[attempts[w.choose.IntN(len(attempts))]]
	if p.alive() {
		w.tried[podDeleted]++
	} else {
		w.tried[podCollected]++
	}
	w.notef("somebody deletes %s/%d", t.Name, p.sighting.Attempt)
	if p.alive() && oneIn(w.choose, 2) {
		w.kill(t, p)
		return
	}
	w.vanish(t, p)
}

// maxTroubles bounds how long things go wrong, at one time in five seconds.
const maxTroubles = 1000

// maxCrashes bounds how often the orchestrators of one run crash.
const maxCrashes = 4

func (w *world) maybeCrash() {
	for _, o := range w.orchestrators {
		if w.crashes < maxCrashes && oneIn(w.choose, w.faults.crashes) {
			w.crash(o)
			return
		}
	}
}

// askToStop asks for the run to be stopped.
func (w *world) askToStop() {
	w.stopAsked = "enough"
	w.tried[stopRequest]++
	w.notef("a stop is asked for")
	for _, o := range w.orchestrators {
		o.hearStop()
	}
}

// askToDrain asks for the run to be drained.
func (w *world) askToDrain() {
	w.drainAsked = "enough for today"
	w.tried[drainRequest]++
	w.notef("a drain is asked for")
	for _, o := range w.orchestrators {
		o.hearDrain()
		o.advance()
	}
}

// delete deletes the run, and with it its pods.
func (w *world) delete() {
	w.gone = true
	w.tried[runDeletion]++
	w.notef("the run is deleted")
	for _, t := range w.steps {
		for _, attempt := range slices.Sorted(maps.Keys(t.pods)) {
			p := t.pods[attempt]
			p.sighting.Deleting = true
			w.changed(t, podsWatch)
			w.after(upTo(w.choose, 10*time.Second), func() { w.vanish(t, p) })
		}
	}
}
