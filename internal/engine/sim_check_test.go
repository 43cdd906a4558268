package engine_test

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// checkStart holds the rules against an attempt that is about to begin to exist.
func (w *world) checkStart(t *truth, attempt int, repeated bool) {
	if w.gone {
		return
	}
	for _, need := range t.Needs {
		if w.byName[need].result == nil {
			w.breachf(inputsFirst, "%s/%d starts before %s has a result", t.Name, attempt, need)
		}
	}
	if w.loose {
		return
	}
	if t.result != nil && !repeated {
		w.breachf(successOnce, "%s/%d starts though the step has a result", t.Name, attempt)
	}
	for other, p := range t.pods {
		if p.alive() || p.sighting.Litter {
			w.breachf(oneAttempt, "%s/%d starts while attempt %d is there (%s)", t.Name, attempt, other, p.sighting.Phase)
		}
	}
	if attempt != len(t.closed)+1 {
		w.breachf(oneAttempt, "%s/%d starts after %d closed attempts", t.Name, attempt, len(t.closed))
	}
	if most := w.plan.MaxParallelism; most > 0 && w.live() >= most {
		w.breachf(limits, "%s/%d starts, and %d attempts are live", t.Name, attempt, w.live())
	}
	w.checkDelay(t, attempt)
}

// live counts the steps that keep one of the places of MaxParallelism: an attempt is alive, and the step has no result.
func (w *world) live() int {
	n := 0
	for _, t := range w.steps {
		for _, p := range t.pods {
			if t.result == nil && p.alive() {
				n++
			}
		}
	}
	return n
}

// checkDelay checks that a budget's pause has passed since the last attempt was closed.
func (w *world) checkDelay(t *truth, attempt int) {
	if attempt == 1 || attempt-1 > len(t.closed) {
		return
	}
	last := t.closed[attempt-2]
	n := 0
	for _, a := range t.closed {
		if a.Outcome == last.Outcome {
			n++
		}
	}
	least, _ := pause(budgetOf(t.Step, last.Outcome), n)
	if passed := w.now.Sub(t.closedAt[last.Attempt]); passed < least {
		w.breachf(limits, "%s/%d starts %s after attempt %d ended as %s, and not %s", t.Name, attempt, passed, last.Attempt, last.Outcome, least)
	}
}

// pause returns the bounds of the pause before the n-th further attempt.
func pause(b engine.Budget, n int) (least, most time.Duration) {
	base := float64(b.Delay) * math.Pow(max(1, b.Factor), float64(n-1))
	if b.Cap > 0 {
		base = min(base, float64(b.Cap))
	}
	return time.Duration(base * (1 - b.Jitter)), time.Duration(base)
}

// checkClose holds the rules against the record of an attempt that is about to be made.
func (w *world) checkClose(t *truth, c record.Attempt) {
	if !w.isTrue(t, c) {
		w.breachf(trueRecords, "%s/%d is closed as %s (%s), which is not true", t.Name, c.Attempt, c.Outcome, c.Reason)
	}
}

// isTrue tells whether an attempt ended as a record of it says.
func (w *world) isTrue(t *truth, c record.Attempt) bool {
	_, exists := t.pods[c.Attempt]
	switch c.Reason {
	case "Stopped", "FailFast":
		return w.stopAsked != "" || w.plan.Mode == engine.FailFast || w.mayWithhold(t, c.Attempt)
	case "DeadlineExceeded":
		return t.outOfTime(w.now)
	case "ForceDeleted":
		return t.mayBeForced(c.Attempt, w.now)
	case "Vanished", "Quota":
		// Quota answers the repeated start of one that was there, and is gone without a trace.
		return !exists
	case "Denied":
		return !exists && w.does(t.Name, c.Attempt).kind == refused
	}
	if c.Outcome == record.NotStarted {
		return w.hasWaited(t, c.Attempt) && c.Reason == w.does(t.Name, c.Attempt).end().Reason
	}
	ended, over := t.ended[c.Attempt]
	return over && c.Outcome == ended.Outcome && c.Reason == ended.Reason
}

// hasWaited tells that an attempt has not begun to run. Where pods are taken away by somebody, it may be gone since the cluster
// said so.
func (w *world) hasWaited(t *truth, attempt int) bool {
	p, exists := t.pods[attempt]
	return exists && p.sighting.Phase == engine.Waiting || !exists && w.unforeseen && t.said[attempt] == engine.Waiting
}

// checkRemove holds the rules against an attempt that is about to be taken away.
func (w *world) checkRemove(t *truth, p *pod) {
	if !t.isClosed(p.sighting.Attempt) && t.result == nil {
		w.breachf(recordFirst, "%s/%d is removed, and has no record", t.Name, p.sighting.Attempt)
	}
}

// checkForce holds the rules against an attempt that is about to be removed by force. One that can be reached has gone by
// then.
func (w *world) checkForce(t *truth, p *pod) {
	if !t.mayBeForced(p.sighting.Attempt, w.now) || !p.cutOff {
		w.breachf(trueRecords, "%s/%d is removed by force before its time", t.Name, p.sighting.Attempt)
	}
}

// mayBeForced tells that an attempt has been on its way out for longer than its grace and the step's time after that.
func (t *truth) mayBeForced(attempt int, now time.Time) bool {
	at, leaves := t.forceable[attempt]
	return t.ForceAfter > 0 && leaves && !now.Before(at)
}

// checkStatuses holds the rules against what an orchestrator reports, when that may have changed.
func (o *orchestrator) checkStatuses(changed bool) {
	if !o.news && !changed {
		return
	}
	o.news = false
	for _, t := range o.world.steps {
		o.checkStatus(t)
	}
}

// checkStatus holds the rules against what an orchestrator reports of a step.
func (o *orchestrator) checkStatus(t *truth) {
	w := o.world
	st := o.machine.Status(t.Name)
	if st.Outcome == record.Succeeded && t.result == nil {
		w.breachf(successOnce, "%s is reported as %s, and has no record", t.Name, st.Outcome)
	}
	if o.succeeded[t.Name] && st.Outcome != record.Succeeded {
		w.breachf(trueState, "%s is reported as %s, and was as Succeeded", t.Name, st.State)
	}
	o.succeeded[t.Name] = st.Outcome == record.Succeeded
	if st.State == engine.State(engine.Running) && !t.begun {
		w.breachf(trueState, "%s is reported as running, and has not begun", t.Name)
	}
}

// mayWithhold tells that a drain may end the attempt: the cluster, when it was asked last, said that it does not run yet.
func (w *world) mayWithhold(t *truth, attempt int) bool {
	waits := t.said[attempt] == engine.Waiting || t.said[attempt] == engine.Queued
	return w.drainAsked != "" && (waits || w.loose)
}

// outOfTime tells that the step's timeout has passed.
func (t *truth) outOfTime(now time.Time) bool {
	return t.Timeout > 0 && !t.ran.IsZero() && now.Sub(t.ran) >= t.Timeout
}

// check holds the rules against what a machine commands.
func (o *orchestrator) check(commands []engine.Command) {
	if o.told && len(commands) > 0 {
		o.world.breachf(deletedRun, "%v is commanded though the run is gone", commands)
	}
	for _, c := range commands {
		if o.busy[c.Step] {
			o.world.breachf(oneAtATime, "%s %s/%d is commanded while another command is under way", c.Do, c.Step, c.Attempt)
		}
		o.busy[c.Step] = true
		o.checkPace(c)
		if c.Do == engine.Start {
			o.checkLaunch(c)
		}
	}
}

// checkPace tells of a machine that asks the same again and again.
func (o *orchestrator) checkPace(c engine.Command) {
	const most = 10
	about := fmt.Sprintf("%s/%d", c.Step, c.Attempt)
	recent := slices.Concat(o.recent[about], []time.Time{o.world.now})
	if len(recent) > most {
		recent = recent[1:]
		if o.world.now.Sub(recent[0]) < time.Second {
			o.world.breachf(oneAtATime, "%d commands for %s within a second, the last is %s", most, about, c.Do)
		}
	}
	o.recent[about] = recent
}

// checkLaunch checks that a start is in keeping with the stagger and with the mode.
func (o *orchestrator) checkLaunch(c engine.Command) {
	w := o.world
	if !o.lastStart.IsZero() && w.now.Sub(o.lastStart) < w.plan.Stagger && !o.yielded() {
		w.breachf(limits, "%s/%d starts %s after the start before", c.Step, c.Attempt, w.now.Sub(o.lastStart))
	}
	o.lastStart, o.lastStarted = w.now, c.Step
	if w.stopAsked != "" {
		w.breachf(noNewStart, "%s/%d starts after a stop", c.Step, c.Attempt)
	}
	if o.drained {
		w.breachf(noNewStart, "%s/%d starts after a drain", c.Step, c.Attempt)
	}
	seen, ran := o.ran[c.Step]
	if timeout := w.byName[c.Step].Timeout; ran && timeout > 0 && w.now.Sub(seen) >= timeout {
		w.breachf(limits, "%s/%d starts %s after the step was seen to run, in spite of its timeout", c.Step, c.Attempt, w.now.Sub(seen))
	}
	begun := c.Attempt > 1 || w.byName[c.Step].begun
	if (o.failed() || o.sealed()) && (w.plan.Mode == engine.FailFast || w.plan.Mode == engine.StopOnFailure && !begun) {
		w.breachf(noNewStart, "%s/%d starts after a failure, in mode %s", c.Step, c.Attempt, w.plan.Mode)
	}
}

// yielded tells that the last start made no attempt, because the cluster had the step's value.
func (o *orchestrator) yielded() bool {
	t := o.world.byName[o.lastStarted]
	return t != nil && t.result != nil && t.result.Attempt == 0
}

// failed tells that a step has failed, as far as the machine knows.
func (o *orchestrator) failed() bool {
	return slices.ContainsFunc(o.world.plan.Steps, func(s engine.Step) bool {
		return failure(o.machine.Status(s.Name).Outcome)
	})
}

// sealed tells that the records in view say that a step has failed. Unless they are proved wrong, nothing may begin that
// would not have begun had the orchestrator known them all along.
func (o *orchestrator) sealed() bool {
	return !o.world.loose && slices.ContainsFunc(o.world.steps, func(t *truth) bool {
		closed := o.view[t.Name].seen.Closed
		return t.result == nil && len(closed) > 0 && spent(t.Step, closed)
	})
}

// spent tells that the attempts leave a step none of the budget that it would need.
func spent(s engine.Step, closed []record.Attempt) bool {
	last, n := closed[len(closed)-1], 0
	for _, a := range closed {
		if a.Outcome == last.Outcome {
			n++
		}
	}
	return failure(last.Outcome) && (last.Permanent || n > budgetOf(s, last.Outcome).Retries)
}

func failure(o record.Outcome) bool {
	return o == record.Failed || o == record.Lost || o == record.NotStarted
}
