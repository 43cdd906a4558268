package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestDrainedRun drains a run of two steps that run. One of them ends after that, so that the orchestrator is known to be
// at work since, and the other one later.
func TestDrainedRun(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=siblings"}, args: []string{"--output", "json"}})
	sibling := s.running(t, "runs")
	s.running(t, "fails")
	s.requestDrain(t, s.job(t).Name, "enough for today")
	s.open(t, "fail")
	s.closed(t, "fails", 1)
	s.open(t, "finish")
	c.wantExit(t, cli.ExitStopped)
	d := c.document(t)
	want := map[string]pipeline.Outcome{"fails": pipeline.Failed, "runs": pipeline.Succeeded, "follows": pipeline.Skipped}
	if diff := cmp.Diff(want, d.outcomes()); diff != "" {
		t.Errorf("outcomes of the steps (-want +got):\n%s", diff)
	}
	if d.Outcome != pipeline.Stopped || d.Message != "enough for today" {
		t.Errorf("the run ends as %s (%s), want %s for the reason of the drain", d.Outcome, d.Message, pipeline.Stopped)
	}
	s.catchUp(t)
	if pods := s.attempts()["runs"]; len(pods) != 1 || pods[0] != sibling.UID {
		t.Errorf("the step that ran has had the pods %s, want only %s", pods, sibling.UID)
	}
	if pods := s.attempts()["follows"]; len(pods) > 0 {
		t.Errorf("the step that had not begun has had the pods %s", pods)
	}
}
