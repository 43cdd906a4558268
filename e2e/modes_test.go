package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestModes lets a step fail while its sibling runs.
func TestModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[pipeline.ExecutionMode]struct{ runs, follows pipeline.Outcome }{
		pipeline.FailFast:          {pipeline.Stopped, pipeline.Skipped},
		pipeline.StopOnFailure:     {pipeline.Succeeded, pipeline.Skipped},
		pipeline.ContinueOnFailure: {pipeline.Succeeded, pipeline.Succeeded},
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c := s.start(t, command{
				program: built(t, buildScenarios), env: []string{"SCENARIO=siblings", "MODE=" + string(mode)}, args: []string{"--output", "json"},
			})
			sibling := s.running(t, "runs")
			s.running(t, "fails")
			s.open(t, "fail")
			s.closed(t, "fails", 1)
			if want.runs == pipeline.Succeeded {
				s.open(t, "finish")
			} else {
				s.pods.untilGone(t, "the pods of the sibling", isStep("runs"))
			}
			c.wantExit(t, cli.ExitFailed)
			outcomes := map[string]pipeline.Outcome{"fails": pipeline.Failed, "runs": want.runs, "follows": want.follows}
			if diff := cmp.Diff(outcomes, c.document(t).outcomes()); diff != "" {
				t.Errorf("outcomes of the steps (-want +got):\n%s", diff)
			}
			s.catchUp(t)
			if pods := s.attempts()["runs"]; len(pods) != 1 || pods[0] != sibling.UID {
				t.Errorf("the sibling has had the pods %s, want only %s", pods, sibling.UID)
			}
		})
	}
}
