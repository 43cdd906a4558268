package engine_test

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// pod is an attempt that exists.
type pod struct {
	behaviour
	sighting engine.Sighting
	// cutOff tells that its node is lost: nothing that is asked of the pod reaches it.
	cutOff bool
}

func (p *pod) alive() bool { return p.sighting.Phase != engine.Ended }

// create makes the pod of an attempt and sets its life going.
func (w *world) create(t *truth, attempt int) {
	w.uids++
	p := &pod{behaviour: w.does(t.Name, attempt), sighting: engine.Sighting{
		Attempt: attempt, UID: fmt.Sprintf("uid-%d", w.uids), Phase: engine.Queued, Reason: "SchedulingGated",
		Litter: w.does(t.Name, attempt).litter,
	}}
	t.pods[attempt], t.begun = p, true
	w.changed(t, podsWatch)
	if w.gone {
		w.during(t, p, time.Second, func() { w.vanish(t, p) })
	}
	w.during(t, p, p.queue, func() {
		p.sighting.Phase, p.sighting.Reason = engine.Waiting, "ContainerCreating"
		if p.kind == cannotStart {
			p.sighting.Reason = fatalReason
		}
		w.changed(t, podsWatch)
	})
	if p.kind == stuck || p.kind == cannotStart {
		w.tried[podStuck]++
	} else {
		w.during(t, p, p.queue+p.wait, func() { w.begin(t, p) })
	}
}

// during does something later, if the pod still exists then and its process is not over.
func (w *world) during(t *truth, p *pod, d time.Duration, do func()) {
	act := func() {
		if t.pods[p.sighting.Attempt] == p && p.alive() {
			do()
		}
	}
	if d == 0 {
		act()
		return
	}
	w.after(d, act)
}

// begin lets the step's process run.
func (w *world) begin(t *truth, p *pod) {
	p.sighting.Phase, p.sighting.Reason, p.sighting.Started = engine.Running, "", w.now
	if t.ran.IsZero() {
		t.ran = w.now
	}
	w.changed(t, podsWatch)
	w.during(t, p, p.work, func() { w.conclude(t, p) })
}

// conclude lets the process end as the script has it.
func (w *world) conclude(t *truth, p *pod) {
	switch p.kind {
	case commits, commitsThenFails, commitsThenVanishes:
		w.commit(t, w.resultOf(t, p))
		w.during(t, p, p.exit, func() { w.exit(t, p) })
	case outlives:
		r := w.resultOf(t, p)
		w.after(p.exit+upTo(w.choose, 5*time.Minute), func() {
			if t.isClosed(r.Attempt) {
				w.tried[lateRecord]++
			}
			w.commit(t, r)
		})
		w.vanish(t, p)
	default:
		w.exit(t, p)
	}
}

// exit lets the process end, and its pod show how.
func (w *world) exit(t *truth, p *pod) {
	switch p.kind {
	case commits, reports:
		w.end(t, p, new(w.resultOf(t, p)), record.End{})
	case commitsThenVanishes, vanishes:
		w.tried[podGone]++
		w.vanish(t, p)
	case unreachable:
		w.loseNode(t, p)
	case commitsThenFails:
		w.end(t, p, nil, record.End{Outcome: record.Failed, Reason: "ExitCode", ExitCode: 1})
	case lost:
		w.tried[podEvicted]++
		p.sighting.Deleting = true
		w.end(t, p, nil, p.behaviour.end())
		w.after(p.grace, func() { w.vanish(t, p) })
	default:
		w.end(t, p, nil, p.behaviour.end())
	}
}

// loseNode cuts a pod off: for five minutes it shows no sign of that (the default toleration of node.kubernetes.io/unreachable),
// then it is marked as on its way out, and it stays Running until its node is taken away.
func (w *world) loseNode(t *truth, p *pod) {
	w.tried[nodeLost]++
	w.notef("the node of %s/%d is lost", t.Name, p.sighting.Attempt)
	p.cutOff = true
	w.during(t, p, 5*time.Minute, func() { w.send(t, p, 30*time.Second) })
	w.after(5*time.Minute+upTo(w.choose, 2*time.Hour), func() { w.vanish(t, p) })
}

func (w *world) end(t *truth, p *pod, result *record.Result, end record.End) {
	p.sighting.Phase, p.sighting.Result, p.sighting.End, p.sighting.Litter = engine.Ended, result, end, p.litter
	t.ended[p.sighting.Attempt] = end
	w.notef("%s/%d ended: %+v", t.Name, p.sighting.Attempt, end)
	w.changed(t, podsWatch)
}

// vanish takes the pod out of the cluster.
func (w *world) vanish(t *truth, p *pod) {
	if t.pods[p.sighting.Attempt] != p {
		return
	}
	delete(t.pods, p.sighting.Attempt)
	w.notef("%s/%d is gone", t.Name, p.sighting.Attempt)
	w.changed(t, podsWatch)
}

// kill ends a pod that is to be removed: its process has a grace to end by itself.
func (w *world) kill(t *truth, p *pod) {
	if p.sighting.Deleting {
		return
	}
	w.send(t, p, p.grace)
	if p.cutOff {
		return
	}
	if p.sighting.Phase != engine.Running {
		w.after(upTo(w.choose, time.Second), func() { w.vanish(t, p) })
		return
	}
	if p.stubborn {
		w.during(t, p, p.grace/2, func() { w.conclude(t, p) })
	}
	w.during(t, p, p.grace, func() {
		if !p.cutOff {
			w.end(t, p, nil, record.End{Outcome: record.Lost, Reason: "Killed"})
		}
	})
	w.after(p.grace+upTo(w.choose, 2*time.Second), func() {
		if !p.cutOff {
			w.vanish(t, p)
		}
	})
}

// send marks a pod as on its way out, with a grace for its process. What reaches nobody does not mark it anew.
func (w *world) send(t *truth, p *pod, grace time.Duration) {
	if p.sighting.Deleting {
		return
	}
	p.sighting.Deleting, p.sighting.Grace = true, grace
	t.forceable[p.sighting.Attempt] = w.now.Add(grace + t.ForceAfter)
	w.changed(t, podsWatch)
}

// force takes a pod away that is on its way out. Where records may come late, the process goes on and brings one.
func (w *world) force(t *truth, p *pod) {
	w.tried[podForced]++
	if w.loose && w.unforeseen && p.sighting.Phase == engine.Running {
		r := w.resultOf(t, p)
		w.after(upTo(w.choose, 5*time.Minute), func() { w.commit(t, r) })
	}
	w.vanish(t, p)
}

func (w *world) resultOf(t *truth, p *pod) record.Result {
	return record.Result{Step: t.Name, Attempt: p.sighting.Attempt, UID: p.sighting.UID, Digest: "sha256:" + p.sighting.UID}
}

// commit makes the step's result record, unless there is one.
func (w *world) commit(t *truth, r record.Result) {
	if t.result == nil || w.hooks.overwrites {
		t.result = &r
		t.successes++
		w.notef("%s/%d has the result", t.Name, r.Attempt)
		w.changed(t, recordsWatch)
	}
}
