package e2e

import (
	"os"
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestImageThatIsNowhere shows that a step whose image cannot be had ends as NotStarted, with the kubelet's reason.
func TestImageThatIsNowhere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, held string
		full       bool
		reason     string
		words      []string
	}{
		{"never pulled", "image never", false, "ErrImageNeverPull", []string{"not present"}},
		{"not there before the startup timeout", "image soon", false, "StartupTimeout", []string{"did not start within 20s", "Pull"}},
		{"not there during the grace of its reason", "image", true, "", []string{"Pull"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.full && os.Getenv("K8SORCH_E2E_FULL") == "" {
				t.Skip("the grace takes two minutes; set K8SORCH_E2E_FULL")
			}
			s := newScene(t)
			missing := s.registry + "/e2e/nobody-has-pushed-it:1"
			c := s.start(t, command{
				program: built(t, buildScenarios), args: []string{"--output", "json"},
				env: []string{"SCENARIO=held", "HELD=" + tt.held, "IMAGE=" + missing},
			})
			// Two minutes of grace are as long as tests wait for anything else.
			if code := c.waitUpTo(t, 2*patience); code != cli.ExitFailed {
				t.Errorf("exit code %d, want %d", code, cli.ExitFailed)
			}
			step, _ := c.document(t).Step("held")
			if step.Outcome != pipeline.NotStarted || tt.reason != "" && step.Reason != tt.reason {
				t.Errorf("the step ended as %s (%s), want %s (%s)", step.Outcome, step.Reason, pipeline.NotStarted, tt.reason)
			}
			wantText(t, step.Message, tt.words...)
			wantText(t, c.stderr.String(), "held: NotStarted ("+step.Reason+")", missing)
			s.pods.untilGone(t, "the pods of the step", isStep("held"))
		})
	}
}

// TestUnschedulableStep shows that one learns from the client why a step does not start.
func TestUnschedulableStep(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=held", "HELD=node"}})
	c.stderr.waitFor(t, "held  Waiting", "Unschedulable", "didn't match Pod's node affinity/selector")
	s.requestStop(t, s.job(t).Name, "it will never start")
	c.wantExit(t, cli.ExitStopped)
	wantText(t, c.stderr.String(), "held  Stopped", "it will never start")
	s.pods.untilGone(t, "the pods of the step", isStep("held"))
}
