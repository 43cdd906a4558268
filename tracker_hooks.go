package pipeline

import (
	"fmt"

	"github.com/org/k8sorch/internal/engine"
)

// all returns the run's steps and, once they are known, the hooks that it called for.
func (t *tracker) all() []*StepRun {
	var all []*StepRun
	for _, some := range [][]StepRun{t.run.Steps, t.run.Hooks} {
		for i := range some {
			all = append(all, &some[i])
		}
	}
	return all
}

// step returns a step or hook of the run by its name; nil when there is none.
func (t *tracker) step(name string) *StepRun {
	if len(t.places) != len(t.run.Steps)+len(t.run.Hooks) {
		t.places = map[string]int{}
		for i, s := range t.all() {
			t.places[s.Name] = i
		}
	}
	switch i, known := t.places[name]; {
	case !known:
		return nil
	case i < len(t.run.Steps):
		return &t.run.Steps[i]
	default:
		return &t.run.Hooks[i-len(t.run.Steps)]
	}
}

// expect takes note of the hooks that the run calls for.
func (t *tracker) expect(hooks engine.Plan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range hooks.Steps {
		t.run.Hooks = append(t.run.Hooks, StepRun{Name: s.Name})
	}
}

// tellHooks tells of the hooks that have not succeeded, which would change nothing else about the run.
func (t *tracker) tellHooks() {
	for _, hook := range t.soFar().Hooks {
		if hook.Outcome != Succeeded {
			t.notice(fmt.Sprintf("hook %q: %s (%s): %s", hook.Name, orRunning(hook.Outcome), hook.Reason, firstLine(hook.Message)))
		}
	}
}
