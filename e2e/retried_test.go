package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestRetriedRun retries a run that has failed, twice. What the garbage collector makes of the Jobs before is what no other
// test shows: the records of the steps outlive them, and nothing else does.
func TestRetriedRun(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	mended := func(code int, args ...string) *pipeline.Run {
		c := s.start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=mended"}, args: append(args, "--output", "json")})
		c.wantExit(t, code)
		return &c.document(t).Run
	}
	run := mended(cli.ExitFailed, "--ends", "fail,fail,succeed")
	first := s.results(t)["first"]
	mended(cli.ExitFailed, "retry", run.ID)
	retried := mended(cli.ExitSucceeded, "retry", run.ID)

	want := map[string]pipeline.Outcome{"first": pipeline.Succeeded, "try": pipeline.Succeeded, "last": pipeline.Succeeded}
	got := map[string]pipeline.Outcome{}
	for _, step := range retried.Steps {
		got[step.Name] = step.Outcome
	}
	if diff := cmp.Diff(want, got); diff != "" || retried.ID != run.ID {
		t.Errorf("outcomes of run %s, of %s (-want +got):\n%s", retried.ID, run.ID, diff)
	}
	s.jobs.untilGone(t, "the Jobs before", func(j *batchv1.Job) bool { return j.Name != run.ID+"-3" })
	s.records.untilGone(t, "the plans and ends before", func(cm *corev1.ConfigMap) bool {
		return cm.Labels[labelRun] != "" && cm.Labels[labelStep] == "" && cm.Name != run.ID+"-3-plan" && cm.Name != run.ID+"-3-end"
	})
	s.wantAttempts(t, "try", []pipeline.Outcome{pipeline.Failed, pipeline.Failed})
	if diff := cmp.Diff(map[string][]types.UID{"first": first}, map[string][]types.UID{"first": s.results(t)["first"]}); diff != "" {
		t.Errorf("pods in which the step has succeeded (-want +got):\n%s", diff)
	}
	if pods := s.attempts()["clean"]; len(pods) != 3 {
		t.Errorf("the hook has had %d pods, want one for each end", len(pods))
	}
	if err := s.client.BatchV1().Jobs(s.namespace).Delete(t.Context(), run.ID+"-3", metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)}); err != nil {
		t.Fatal(err)
	}
	s.untilGone(t)
}
