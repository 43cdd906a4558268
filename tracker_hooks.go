package pipeline

import (
	"fmt"

	"github.com/org/k8sorch/internal/engine"
)

// expect takes note of the hooks that the run calls for. Whoever waits for the run again says them again.
func (t *tracker) expect(hooks engine.Plan) {
	t.note(func(run *Run) {
		if len(run.Hooks) > 0 {
			return
		}
		for _, s := range hooks.Steps {
			run.Hooks = append(run.Hooks, StepRun{Name: s.Name})
		}
		t.name(run.Hooks)
	})
}

// tellHooks tells of the hooks that have not succeeded, which would change nothing else about the run.
func (t *tracker) tellHooks() {
	for _, hook := range t.soFar().Hooks {
		if hook.Outcome != Succeeded {
			t.notice(fmt.Sprintf("hook %q: %s (%s): %s", hook.Name, orRunning(hook.Outcome), hook.Reason, firstLine(hook.Message)))
		}
	}
}
