package e2e

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	kresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestQuota has steps that could all run at once in a namespace with room for the orchestrator and one of them. The
// others wait for their turn, which is no failure and spends no budget.
func TestQuota(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.limitPods(t, 2)
	c := s.start(t, command{program: built(t, buildScenarios), env: []string{"SCENARIO=few"}, args: []string{"--output", "json"}})
	c.stderr.waitFor(t, "Queued", "exceeded quota", "limited: pods=2")
	c.wantExit(t, cli.ExitSucceeded)
	for _, step := range c.document(t).Steps {
		if step.Outcome != pipeline.Succeeded || step.Attempts != 1 {
			t.Errorf("step %s ended as %s after %d attempts, want %s after one", step.Name, step.Outcome, step.Attempts, pipeline.Succeeded)
		}
	}
	s.catchUp(t)
	if closed := s.records.last(isRecord("attempt")); len(closed) > 0 {
		t.Errorf("there are records of %d attempts that did not succeed, the first is %s", len(closed), closed[0].Name)
	}
	if got := s.mostAtOnce(t); got != 1 {
		t.Errorf("up to %d steps were under way at once, want 1", got)
	}
}

// fewPods is the name of the quota of [env.limitPods].
const fewPods = "few-pods"

// limitPods lets the namespace have so many pods that are not over.
func (e *env) limitPods(t *testing.T, most int64) {
	t.Helper()
	quota := &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: fewPods},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{corev1.ResourcePods: *kresource.NewQuantity(most, kresource.DecimalSI)}},
	}
	quotas := e.client.CoreV1().ResourceQuotas(e.namespace)
	if _, err := quotas.Create(t.Context(), quota, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	// Until its controller has counted, the quota allows nothing.
	waitFor(t, quotas, quota.Name, func(q *corev1.ResourceQuota) bool { return len(q.Status.Used) > 0 })
}
