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

// expect takes note of the hooks that the run calls for, if it has not before.
func (t *tracker) expect(hooks engine.Plan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.run.Hooks) > 0 {
		return
	}
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
