package engine_test

import (
	"time"

	"github.com/org/k8sorch/internal/engine"
)

// randomPlan returns a plan of up to 12 steps, seldom 40.
func randomPlan(c chooser) engine.Plan {
	p := engine.Plan{
		Mode:           pick(c, engine.ContinueOnFailure, engine.StopOnFailure, engine.FailFast),
		MaxParallelism: pick(c, 0, 0, 1, 2, 3),
		Stagger:        pick(c, 0, 0, time.Second, 7*time.Second),
		Confirm:        pick(c, 30*time.Second, 10*time.Second, 0),
	}
	steps := 1 + c.IntN(12)
	if oneIn(c, 20) {
		steps = 40
	}
	density := 2 + c.IntN(6)
	for i := range steps {
		s := engine.Step{
			Name: stepName(i), Failed: randomBudget(c), Lost: randomBudget(c), NotStarted: randomBudget(c),
			StartupTimeout: startupTimeout, FailOn: map[string]time.Duration{fatalReason: fatalGrace, "Other": time.Hour},
		}
		for j := max(0, i-10); j < i; j++ {
			if oneIn(c, density) {
				s.Needs = append(s.Needs, stepName(j))
			}
		}
		p.Steps = append(p.Steps, s)
	}
	for i := range p.Steps {
		if oneIn(c, 12) {
			p.Steps[i].Timeout = pick(c, 30*time.Second, 2*time.Minute, 10*time.Minute)
		}
	}
	force := pick(c, 0, time.Minute, 10*time.Minute)
	for i := range p.Steps {
		p.Steps[i].ForceAfter = force
	}
	return p
}

func randomBudget(c chooser) engine.Budget {
	return engine.Budget{
		Retries: pick(c, 0, 1, 2, 4), Delay: pick(c, 0, time.Second, 40*time.Second), Factor: pick(c, 0, 1, 1.5, 2),
		Cap: pick(c, 0, 0, time.Minute), Jitter: pick(c, 0, 0.5, 1),
	}
}

// small plans, on which every crash is tried.
func chain(n int) engine.Plan {
	var p engine.Plan
	for i := range n {
		s := quickStep(stepName(i))
		if i > 0 {
			s.Needs = []string{stepName(i - 1)}
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func fan(n int) engine.Plan {
	p := engine.Plan{Steps: []engine.Step{quickStep("root")}}
	for i := range n {
		s := quickStep(stepName(i))
		s.Needs = []string{"root"}
		p.Steps = append(p.Steps, s)
	}
	return p
}

func diamond() engine.Plan {
	p := fan(2)
	last := quickStep("join")
	last.Needs = []string{stepName(0), stepName(1)}
	p.Steps = append(p.Steps, last)
	return p
}

func quickStep(name string) engine.Step {
	again := engine.Budget{Retries: 2, Delay: time.Second, Factor: 2}
	return engine.Step{
		Name: name, Failed: again, Lost: again, NotStarted: again,
		StartupTimeout: startupTimeout, FailOn: map[string]time.Duration{fatalReason: fatalGrace},
	}
}
