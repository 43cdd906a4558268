package e2e

import (
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestActiveDeadline gives a step that hangs a deadline, which its node enforces.
func TestActiveDeadline(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string]pipeline.KubernetesOrchestratorSettings{
		"ActiveDeadlineSeconds": {ActiveDeadlineSeconds: new(5)},
		"AdditionalPodSpecArgs": {PodSettings: &pipeline.KubernetesPodSettings{
			AdditionalPodSpecArgs: map[string]any{"active_deadline_seconds": 5},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			c := e.start(t, looking(t, settings, "--hang", "--output", "json"))
			c.wantExit(t, cli.ExitFailed)
			step, _ := c.document(t).Step("look")
			if step.Outcome != pipeline.Failed || step.Reason != "DeadlineExceeded" || step.Attempts != 1 {
				t.Errorf("the step ended as %s (%s) after %d attempts, want %s (DeadlineExceeded) after one",
					step.Outcome, step.Reason, step.Attempts, pipeline.Failed)
			}
			wantText(t, c.stderr.String(), "look: Failed (DeadlineExceeded)")
		})
	}
}
