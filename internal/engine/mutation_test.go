package engine_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// mutant is a defect, and the rule that has to notice it.
type mutant struct {
	name     string
	breaks   hooks
	caughtBy rule
}

func mutants() []mutant {
	return slices.Concat(planMutants(), recordMutants(), clusterMutants(), commandMutants())
}

// planMutants are those of a machine that heeds another plan than the run's.
func planMutants() []mutant {
	plan := func(change func(*engine.Plan)) hooks {
		return hooks{plan: func(p engine.Plan) engine.Plan {
			p.Steps = slices.Clone(p.Steps)
			change(&p)
			return p
		}}
	}
	eachStep := func(change func(*engine.Step)) hooks {
		return plan(func(p *engine.Plan) {
			for i := range p.Steps {
				change(&p.Steps[i])
			}
		})
	}
	return []mutant{
		{"a dependency is dropped", eachStep(func(s *engine.Step) { s.Needs = s.Needs[:len(s.Needs)/2] }), inputsFirst},
		{"one attempt too many at once", plan(func(p *engine.Plan) { p.MaxParallelism = min(p.MaxParallelism, 1) * (p.MaxParallelism + 1) }), limits},
		{"no stagger", plan(func(p *engine.Plan) { p.Stagger = 0 }), limits},
		{"no delay before a retry", eachStep(func(s *engine.Step) { s.Failed.Delay, s.Lost.Delay, s.NotStarted.Delay = 0, 0, 0 }), limits},
		{"one retry too many", eachStep(func(s *engine.Step) { s.Failed.Retries++; s.Lost.Retries++; s.NotStarted.Retries++ }), budgets},
		{"one retry too few", eachStep(func(s *engine.Step) { s.Failed.Retries--; s.Lost.Retries--; s.NotStarted.Retries-- }), budgets},
		{"a failure stops nothing", plan(func(p *engine.Plan) { p.Mode = engine.ContinueOnFailure }), noNewStart},
		{"a failure stops everything", plan(func(p *engine.Plan) { p.Mode = engine.FailFast }), trueRecords},
		{"the startup timeout is a tenth", eachStep(func(s *engine.Step) { s.StartupTimeout /= 10 }), trueRecords},
		{"the timeout of a step is a tenth", eachStep(func(s *engine.Step) { s.Timeout /= 10 }), trueRecords},
		{"the time before a pod is deleted by force is a tenth", eachStep(func(s *engine.Step) { s.ForceAfter /= 10 }), trueRecords},
		{"the timeout of a step is forgotten", eachStep(func(s *engine.Step) { s.Timeout = 0 }), limits},
	}
}

// recordMutants are those of an orchestrator, or of who only looks, that forgets what is recorded.
func recordMutants() []mutant {
	forgets := hooks{
		view:    func(_ string, o *engine.Observation) { o.Result = nil },
		confirm: func(c *engine.Confirmation) { c.Result = nil },
	}
	exitWins := hooks{view: func(_ string, o *engine.Observation) {
		if slices.ContainsFunc(o.Sightings, func(sg engine.Sighting) bool { return sg.End.Outcome == record.Failed }) {
			o.Result = nil
		}
	}}
	exitWins.confirm = forgets.confirm
	return []mutant{
		{"a result record is forgotten", forgets, successOnce},
		{"an attempt record is forgotten", hooks{view: func(_ string, o *engine.Observation) { o.Closed = nil }}, oneAttempt},
		{"a restarted orchestrator acts on a stale list", hooks{staleBoot: true}, oneAttempt},
		{"the pods of a step that has a result are out of sight", hooks{view: func(_ string, o *engine.Observation) {
			if o.Result != nil {
				o.Sightings = nil
			}
		}}, nothingLeft},
		{"an exit code wins over a record", exitWins, successOnce},
		{"a later record replaces an earlier one", hooks{overwrites: true}, successOnce},
		{"the client does not see attempt records", hooks{viewer: func(o *engine.Observation) { o.Closed = nil }}, trueState},
		{"the client takes an ended pod for a success", hooks{viewer: func(o *engine.Observation) {
			if o.Result == nil && len(o.Sightings) > 0 {
				o.Result = &record.Result{Attempt: o.Sightings[0].Attempt}
			}
		}}, trueState},
	}
}

// clusterMutants are those of a cluster that does not say or do what it should.
func clusterMutants() []mutant {
	does := func(a engine.Action) func(engine.Command) bool {
		return func(c engine.Command) bool { return c.Do == a }
	}
	return []mutant{
		{"every pod that is asked about counts as gone", hooks{confirm: func(c *engine.Confirmation) { c.Sighting = nil }}, trueRecords},
		{"a pod that is gone counts as a success", hooks{confirm: func(c *engine.Confirmation) {
			if c.Sighting == nil && c.Result == nil {
				c.Result = &record.Result{Attempt: 1}
			}
		}}, successOnce},
		{"the run counts as deleted", hooks{confirm: func(c *engine.Confirmation) { c.RunGone = true }}, deletedRun},
		{"a deleted run is taken for one that is there", hooks{confirm: func(c *engine.Confirmation) { c.RunGone = false }}, deletedRun},
		{"starts are never answered", hooks{mute: does(engine.Start)}, terminates},
		{"questions are never answered", hooks{mute: does(engine.Confirm)}, terminates},
		{"removals are not carried out", hooks{ignore: does(engine.Remove)}, terminates},
		{"result records are not made", hooks{ignore: does(engine.Commit)}, successOnce},
		{"attempt records are not made", hooks{ignore: does(engine.Close)}, oneAttempt},
	}
}

// commandMutants are those of an orchestrator that commands the wrong thing, or in the wrong order.
func commandMutants() []mutant {
	return []mutant{
		{"a pod is deleted before its end is recorded", hooks{ahead: func(c engine.Command) (engine.Command, bool) {
			first := c
			first.Do = engine.Remove
			return first, c.Do == engine.Close && c.UID != ""
		}}, recordFirst},
		{"a call without an answer is made again under a new name", hooks{again: func(c *engine.Command) {
			if c.Do == engine.Start {
				c.Attempt++
			}
		}}, oneAttempt},
		{"a request to stop is not heard", hooks{deafToStop: true}, noNewStart},
		{"a request to drain is not heard", hooks{deafToDrain: true}, noNewStart},
		{"each command is given twice", hooks{twice: true}, oneAtATime},
	}
}

// caught looks for a seed whose run breaks the rule, and returns it.
func (m mutant) caught() bool {
	for seed := range uint64(2000) {
		w := randomWorld(seed, allFaults())
		w.hooks = m.breaks
		if finished(w).problem != nil && w.problem.rule == m.caughtBy {
			return true
		}
	}
	return false
}

func TestChecksNoticeDefects(t *testing.T) {
	t.Parallel()
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			if !m.caught() {
				t.Errorf("no run was found to break the rule %q", m.caughtBy)
			}
		})
	}
}

// TestEveryRuleNoticesADefect keeps a rule from being one that nothing can break.
func TestEveryRuleNoticesADefect(t *testing.T) {
	t.Parallel()
	for _, r := range everyRule() {
		if !slices.ContainsFunc(mutants(), func(m mutant) bool { return m.caughtBy == r }) {
			t.Errorf("no mutant breaks the rule %q", r)
		}
	}
}

func TestDefectsAreInTheDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants() {
		if row := "| " + m.name + " | " + string(m.caughtBy) + " |"; !strings.Contains(string(page), row) {
			t.Errorf("docs/reliability.md lacks the row\n%s", row)
		}
	}
	for _, f := range everyFault() {
		if !strings.Contains(string(page), "| "+string(f)+" |") {
			t.Errorf("docs/reliability.md lacks a row for %q", f)
		}
	}
}
