package e2e

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestSchedulingGate holds a step's pod back by a gate, beside a step that fits no node. The startup timeout counts for
// the one that does not fit, and not for the one that is held back, whose timeout is the shorter.
func TestSchedulingGate(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=gated"}, args: []string{"--output", "json"}})
	c.stderr.waitFor(t, "gated", "Queued", "SchedulingGated: held back by example.com/hold")
	if end := s.closed(t, "unplaced", 1); end.Reason != "StartupTimeout" {
		t.Errorf("the step that fits no node ended for the reason %s, want StartupTimeout", end.Reason)
	}
	s.openSchedulingGate(t, "gated")
	c.wantExit(t, cli.ExitFailed)
	d := c.document(t)
	if step, _ := d.Step("gated"); step.Outcome != pipeline.Succeeded || step.Attempts != 1 {
		t.Errorf("the step that was held back ended as %s after %d attempts, want %s after one", step.Outcome, step.Attempts, pipeline.Succeeded)
	}
	if step, _ := d.Step("unplaced"); step.Outcome != pipeline.NotStarted {
		t.Errorf("the step that fits no node ended as %s, want %s", step.Outcome, pipeline.NotStarted)
	}
}

// openSchedulingGate takes the gate of a step's pod away, as a queue does when it is the pod's turn.
func (s *scene) openSchedulingGate(t *testing.T, step string) {
	t.Helper()
	pod := s.pods.last(isStep(step))[0]
	patch := []byte(`[{"op":"remove","path":"/spec/schedulingGates"}]`)
	if _, err := s.client.CoreV1().Pods(s.namespace).Patch(t.Context(), pod.Name, types.JSONPatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
}
