package engine_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/org/k8sorch/internal/engine"
)

// mutant is a defect that the checks have to notice, and the words in which they say so.
type mutant struct {
	name    string
	breaks  hooks
	notices string
}

func mutants() []mutant {
	does := func(a engine.Action) func(engine.Command) bool {
		return func(c engine.Command) bool { return c.Do == a }
	}
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
		{"a dependency is dropped", eachStep(func(s *engine.Step) { s.Needs = s.Needs[:len(s.Needs)/2] }), "before"},
		{"one too many at once", plan(func(p *engine.Plan) { p.MaxParallelism = min(p.MaxParallelism, 1) * (p.MaxParallelism + 1) }), "are live"},
		{"no stagger", plan(func(p *engine.Plan) { p.Stagger = 0 }), "after the start before"},
		{"one retry too many", eachStep(func(s *engine.Step) { s.Failed.Retries++; s.Lost.Retries++; s.NotStarted.Retries++ }), "and a budget for"},
		{"one retry too few", eachStep(func(s *engine.Step) { s.Failed.Retries--; s.Lost.Retries--; s.NotStarted.Retries-- }), "has spent"},
		{"no delay", eachStep(func(s *engine.Step) { s.Failed.Delay, s.Lost.Delay, s.NotStarted.Delay = 0, 0, 0 }), "and not"},
		{"failures stop nothing", plan(func(p *engine.Plan) { p.Mode = engine.ContinueOnFailure }), "after a failure"},
		{"failures stop everything", plan(func(p *engine.Plan) { p.Mode = engine.FailFast }), "which is not true"},
		{"startup times out early", eachStep(func(s *engine.Step) { s.StartupTimeout /= 10 }), "which is not true"},
		{"steps time out early", eachStep(func(s *engine.Step) { s.Timeout /= 10 }), "(DeadlineExceeded), which is not true"},
		{"timeouts are forgotten", eachStep(func(s *engine.Step) { s.Timeout = 0 }), "in spite of its timeout"},
		{"results are out of sight", hooks{
			view:    func(_ string, o *engine.Observation) { o.Result = nil },
			confirm: func(c *engine.Confirmation) { c.Result = nil },
		}, "though the step has a result"},
		{"attempt records are out of sight", hooks{view: func(_ string, o *engine.Observation) { o.Closed = nil }}, "closed attempts"},
		{"a stale list", hooks{staleBoot: true}, "closed attempts"},
		{"a cluster that takes all for gone", hooks{confirm: func(c *engine.Confirmation) { c.Sighting = nil }}, "(Vanished), which is not true"},
		{"a cluster that takes the run for gone", hooks{confirm: func(c *engine.Confirmation) { c.RunGone = true }}, "and it is not"},
		{"a drain is not heard", hooks{deaf: true}, "after a drain"},
		{"starts are never answered", hooks{mute: does(engine.Start)}, "nothing will ever happen"},
		{"confirmations are never answered", hooks{mute: does(engine.Confirm)}, "nothing will ever happen"},
		{"removals are forgotten", hooks{ignore: does(engine.Remove)}, "nothing will ever happen"},
		{"commits are forgotten", hooks{ignore: does(engine.Commit)}, "ends as Succeeded, and its result is"},
		{"closings are forgotten", hooks{ignore: does(engine.Close)}, "closed attempts"},
	}
}

func TestChecksNoticeDefects(t *testing.T) {
	t.Parallel()
	for _, m := range mutants() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for i := range uint64(2000) {
				w := randomWorld(i, allFaults())
				w.hooks = m.breaks
				w.run()
				if w.problem == nil {
					w.judge()
				}
				if w.problem != nil && strings.Contains(w.problem.Error(), m.notices) {
					return
				}
			}
			t.Errorf("no run was found to break a rule in the words %q", m.notices)
		})
	}
}
