package engine_test

import (
	"maps"
	"slices"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// judge holds the rules against a run that has ended. Of rivals, the last one's word counts.
func (w *world) judge() {
	o := w.last()
	switch {
	case o.machine.Halted() && !w.gone:
		w.breachf(deletedRun, "the machine takes the run for deleted, and it is not")
	case o.machine.Halted(), !o.upToDate():
	default:
		w.judgeLeftovers()
		w.judgeSteps(o)
		w.compareViewer(o)
	}
}

// last is the orchestrator that was the last to say that the run has ended.
func (w *world) last() *orchestrator {
	return slices.MaxFunc(w.orchestrators, func(a, b *orchestrator) int { return a.doneAt.Compare(b.doneAt) })
}

// judgeSteps holds the rules against how the steps ended.
func (w *world) judgeSteps(o *orchestrator) {
	fates := foretellAll(w.plan, w.does)
	w.unforeseen = w.unforeseen || slices.ContainsFunc(w.steps, (*truth).timedOut)
	cut := false
	for _, t := range w.steps {
		outcome := o.machine.Status(t.Name).Outcome
		w.judgeOutcome(t, outcome, fates[t.Name].outcome)
		w.judgeSpending(t, outcome, fates[t.Name])
		cut = cut || outcome == record.Stopped
	}
	if cut && !w.cutAsked() && !o.failed() && !w.unforeseen {
		w.breachf(trueState, "steps were stopped for no reason")
	}
}

// timedOut tells that the step's timeout has cut it short, which no script foretells.
func (t *truth) timedOut() bool {
	return slices.ContainsFunc(t.closed, func(a record.Attempt) bool { return a.Reason == "DeadlineExceeded" })
}

// judgeOutcome compares how a step ended with its record, and with the fate that the script had for it.
func (w *world) judgeOutcome(t *truth, outcome, fated record.Outcome) {
	if t.successes > 1 {
		w.breachf(successOnce, "%s has succeeded %d times", t.Name, t.successes)
	}
	if (t.result != nil) != (outcome == record.Succeeded) {
		w.breachf(successOnce, "%s ends as %s, and its result is %v", t.Name, outcome, t.result)
	}
	if outcome != fated && !w.mayBeCut(t, outcome) && !w.gone && !w.unforeseen {
		w.breachf(trueState, "%s ends as %s, not as %s", t.Name, outcome, fated)
	}
	if outcome == record.Skipped && len(t.closed)+len(t.pods) > 0 && !w.gone {
		w.breachf(trueState, "%s is skipped, and has begun", t.Name)
	}
}

// mayBeCut tells that a stop, or another step's failure, can have given the step this outcome.
func (w *world) mayBeCut(t *truth, outcome record.Outcome) bool {
	asked := w.cutAsked()
	switch outcome {
	case record.Stopped:
		return asked || w.plan.Mode == engine.FailFast
	case record.Skipped:
		return asked || w.plan.Mode == engine.FailFast || w.plan.Mode == engine.StopOnFailure
	}
	// One that is stopped while it runs may still end by itself in its grace.
	return (asked || w.plan.Mode == engine.FailFast) && t.begun
}

// judgeSpending checks that a step's attempts are those that its budgets allow, no more and no fewer.
func (w *world) judgeSpending(t *truth, outcome record.Outcome, f fate) {
	spent := map[record.Outcome]int{}
	for _, a := range t.closed {
		spent[a.Outcome]++
	}
	for o, n := range spent {
		if b := budgetOf(t.Step, o); o != record.Stopped && n > b.Retries+1 {
			w.breachf(budgets, "%s has %d attempts that ended as %s, and a budget for %d more than one", t.Name, n, o, b.Retries)
		}
	}
	uncut := !w.unforeseen && outcome == f.outcome && !w.cutAsked() && w.plan.Mode != engine.FailFast && !w.gone
	if uncut && outcome != record.Skipped && outcome != record.Succeeded && !maps.Equal(spent, f.spent) {
		w.breachf(budgets, "%s has spent %v, not %v", t.Name, spent, f.spent)
	}
}

// judgeLeftovers checks that nothing goes on that nobody accounts for, and that no ended attempt holds resources.
func (w *world) judgeLeftovers() {
	if w.gone {
		return
	}
	for _, t := range w.steps {
		for attempt, p := range t.pods {
			counts := t.result != nil && t.result.Attempt == attempt
			if (p.alive() && !counts || p.sighting.Litter) && !p.sighting.Deleting {
				w.breachf(nothingLeft, "%s/%d is left behind as %s", t.Name, attempt, p.sighting.Phase)
			}
		}
	}
}

// compareViewer checks that who only looks at what is left draws the same conclusions.
func (w *world) compareViewer(o *orchestrator) {
	if w.gone {
		return
	}
	viewer, err := w.newMachine(w.plan, engine.NewViewer)
	if err != nil {
		w.breachf(terminates, "making a viewer: %v", err)
		return
	}
	for _, t := range w.steps {
		viewer.Observe(t.Name, w.shown(t), w.now)
	}
	if o.stopped {
		viewer.Stop(w.stopAsked)
	}
	if o.drained {
		viewer.Drain(w.drainAsked)
		viewer.Unattended()
	}
	if commands := viewer.Advance(w.now); len(commands) > 0 {
		w.breachf(trueState, "the viewer commands %v", commands)
	}
	if w.loose && !viewer.Done() {
		// It waits for a pod to go that a call has made which came too late.
		return
	}
	if got, want := viewer.Outcome(), o.machine.Outcome(); !viewer.Done() || got != want {
		w.breachf(trueState, "the viewer says %s (done: %t), the machine %s", got, viewer.Done(), want)
	}
	for _, t := range w.steps {
		if got, want := viewer.Status(t.Name).Outcome, o.machine.Status(t.Name).Outcome; got != want {
			w.breachf(trueState, "the viewer says that %s ends as %s, the machine %s", t.Name, got, want)
		}
	}
}

// shown is what those see who only look.
func (w *world) shown(t *truth) engine.Observation {
	o := t.snapshot()
	if w.hooks.viewer != nil {
		w.hooks.viewer(&o)
	}
	return o
}

// upToDate tells that the orchestrator has seen all that its rivals have done.
func (o *orchestrator) upToDate() bool {
	if !o.world.loose {
		return true
	}
	return !slices.ContainsFunc(o.world.steps, func(t *truth) bool {
		v := o.view[t.Name]
		return v.version != t.version || v.wrong()
	})
}
