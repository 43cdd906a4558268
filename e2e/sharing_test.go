package e2e

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/org/k8sorch/cli"
)

// TestRunsAtOnce runs three pipelines in one namespace, two of them the same, which has no accounts yet.
func TestRunsAtOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	quickstart, scenarios := built(t, buildQuickstart), built(t, buildScenarios)
	first := s.start(t, command{program: quickstart})
	second := s.start(t, command{program: quickstart})
	other := s.start(t, command{program: scenarios, env: []string{"SCENARIO=wide"}})
	for _, c := range []*client{first, second, other} {
		c.wantExit(t, cli.ExitSucceeded)
	}
	wantReport(t, first)
	wantReport(t, second)
	s.catchUp(t)
	want := map[string]int{}
	for _, job := range s.jobs.last(func(*batchv1.Job) bool { return true }) {
		want[job.Name] = map[string]int{"quickstart": len(quickstartSteps()), "wide": 6}[job.Labels[labelPipeline]]
	}
	if len(want) != 3 {
		t.Errorf("there were %d runs, want 3", len(want))
	}
	got := map[string]int{}
	for _, pod := range s.pods.last(isAnyStep) {
		got[pod.Labels[labelRun]]++
	}
	for run, pods := range want {
		if got[run] != pods {
			t.Errorf("run %s has %d pods of steps, want %d", run, got[run], pods)
		}
	}
}
