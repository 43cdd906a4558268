package engine_test

import (
	"slices"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// carryOut does what a command says, to the truth, and returns the cluster's answer.
func (w *world) carryOut(c call) engine.Answer {
	if w.hooks.ignore != nil && w.hooks.ignore(c.Command) {
		return engine.Answer{Standing: &c.Result}
	}
	if w.hooks.ahead != nil {
		if first, ok := w.hooks.ahead(c.Command); ok {
			w.take(call{Command: first})
		}
	}
	return w.take(c)
}

func (w *world) take(c call) engine.Answer {
	t := w.byName[c.Step]
	switch c.Do {
	case engine.Start:
		return engine.Answer{Refusal: w.start(t, c)}
	case engine.Remove:
		if p := t.pods[c.Attempt]; p != nil && p.sighting.UID == c.UID {
			w.checkRemove(t, p)
			w.kill(t, p)
		}
	case engine.ForceRemove:
		if p := t.pods[c.Attempt]; p != nil && p.sighting.UID == c.UID {
			w.checkRemove(t, p)
			w.checkForce(t, p)
			w.force(t, p)
		}
	case engine.Commit:
		w.commit(t, c.Result)
		return engine.Answer{Standing: t.result}
	case engine.Close:
		w.close(t, c.Closing)
	case engine.Confirm:
		return engine.Answer{Confirmation: w.confirm(t, c.Attempt)}
	}
	return engine.Answer{}
}

// start starts an attempt, unless it exists. A call that is repeated may bring back one that was started, and has gone.
func (w *world) start(t *truth, c call) *engine.Refusal {
	attempt, b := c.Attempt, w.does(t.Name, c.Attempt)
	switch _, exists := t.pods[attempt]; {
	case exists && oneIn(w.choose, w.faults.refusals):
		w.tried[quotaRefusal]++
		// Quota is checked before the name is: who asks again, having missed the answer, may be refused.
		return &engine.Refusal{Queued: oneIn(w.choose, 2), Reason: "Quota", Message: "it exists, though"}
	case exists:
		return nil
	case b.kind == cached:
		w.commit(t, record.Result{Step: t.Name})
		return nil
	case t.denied[attempt] < b.refusals:
		t.denied[attempt]++
		w.tried[quotaRefusal]++
		return &engine.Refusal{Queued: true, Reason: "Quota", Message: "used up"}
	case b.kind == refused:
		w.tried[finalRefusal]++
		return &engine.Refusal{Reason: "Denied", Message: "not here", Permanent: b.permanent}
	}
	w.checkStart(t, attempt, c.took)
	w.create(t, attempt)
	return nil
}

// close makes the record of an attempt, unless there is one.
func (w *world) close(t *truth, closing record.Attempt) {
	if t.isClosed(closing.Attempt) {
		return
	}
	w.checkClose(t, closing)
	w.notef("%s/%d is closed: %+v", t.Name, closing.Attempt, closing.End)
	t.closed = append(t.closed, closing)
	t.closedAt[closing.Attempt] = w.now
	w.changed(t, recordsWatch)
}

func (w *world) confirm(t *truth, attempt int) engine.Confirmation {
	c := engine.Confirmation{RunGone: w.gone, Result: t.result}
	if p, exists := t.pods[attempt]; exists {
		c.Sighting = new(p.sighting)
		t.said[attempt] = p.sighting.Phase
	}
	if i := slices.IndexFunc(t.closed, func(a record.Attempt) bool { return a.Attempt == attempt }); i >= 0 {
		c.Closed = &t.closed[i]
	}
	return c
}
