package e2e

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/org/k8sorch/cli"
)

// TestDeletedJobTakesTheRunAlong deletes the Job while two steps run. Their pods are deleted with it, and an
// orchestrator that took them for lost would start others. The Job's own is deleted, too; a second one, which is not the
// Job's, has to see by itself that the run is over.
func TestDeletedJobTakesTheRunAlong(t *testing.T) {
	t.Parallel()
	for _, how := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground} {
		t.Run(string(how), func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			before := whats(s.inventory(t))
			c := s.start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=siblings"}})
			s.running(t, "fails")
			s.running(t, "runs")
			second := s.startTwin(t)
			if err := s.client.BatchV1().Jobs(s.namespace).Delete(t.Context(), s.job(t).Name, metav1.DeleteOptions{PropagationPolicy: &how}); err != nil {
				t.Fatal(err)
			}
			c.wantExit(t, cli.ExitStopped)
			wantText(t, c.stderr.String(), "it was deleted from the cluster")

			pods := s.client.CoreV1().Pods(s.namespace)
			second = waitFor(t, pods, second.Name, isOver)
			if code := second.Status.ContainerStatuses[0].State.Terminated.ExitCode; code != 11 {
				t.Errorf("the second orchestrator has ended with exit code %d, want 11 for good", code)
			}
			deletePod(t, s.env, second)
			s.untilGone(t)
			s.wantNoPodAfterDeletion(t)
			s.wantOnlyAccountsBeside(t, before)
		})
	}
}

// untilGone waits until all that runs are made of is gone, the orchestrators among them: nobody is left who could make
// anything.
func (s *scene) untilGone(t *testing.T) {
	t.Helper()
	s.pods.untilGone(t, "the pods", func(*corev1.Pod) bool { return true })
	s.jobs.untilGone(t, "the Jobs", func(*batchv1.Job) bool { return true })
	s.records.untilGone(t, "the plan and the records", func(cm *corev1.ConfigMap) bool { return cm.Labels[labelRun] != "" })
}

// wantNoPodAfterDeletion fails the test where a pod was created after the run's Job was deleted.
func (s *scene) wantNoPodAfterDeletion(t *testing.T) {
	t.Helper()
	deleted := s.jobs.first(t, "the Job is deleted", func(c change[*batchv1.Job]) bool {
		return c.kind == watch.Deleted || c.object.DeletionTimestamp != nil
	})
	for _, c := range s.pods.all() {
		if c.kind == watch.Added && c.version(t) > deleted.version(t) {
			t.Errorf("pod %s was created after the run was deleted", c.object.Name)
		}
	}
}
