package engine_test

import (
	"testing"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// A run that is retried has the budgets of a new one. What its attempts before have spent, and that the last of them was not
// to be repeated, is history; their numbers are not given again.
func TestRetriedRunBeginsWithFreshBudgets(t *testing.T) {
	t.Parallel()
	r := newRig(t, engine.Plan{Steps: []engine.Step{{Name: "a", Earlier: 2, Failed: engine.Budget{Retries: 1}}}})
	last := closed("a", 2, record.Failed)
	last.Permanent = true
	history := []record.Attempt{closed("a", 1, record.Lost), last}
	r.observe("a", engine.Observation{Closed: history})
	r.expect("start a/3")
	r.observe("a", engine.Observation{Closed: append(history, closed("a", 3, record.Failed))})
	r.answer("a", engine.Answer{})
	r.expect("confirm a/3")
	r.absent("a")
	r.expect("start a/4")
	r.observe("a", engine.Observation{Closed: append(history, closed("a", 3, record.Failed), closed("a", 4, record.Failed))})
	r.answer("a", engine.Answer{})
	r.expect("confirm a/4")
	r.absent("a")
	r.expect()
	r.ends("a", record.Failed)
}

func TestRetriedRunKeepsResults(t *testing.T) {
	t.Parallel()
	r := newRig(t, engine.Plan{Steps: []engine.Step{{Name: "a", Earlier: 2}, {Name: "b", Earlier: 1, Needs: []string{"a"}}}})
	r.succeed("a", 2)
	r.observe("b", engine.Observation{Closed: []record.Attempt{closed("b", 1, record.Stopped)}})
	r.expect("start b/2")
	r.ends("a", record.Succeeded)
}
