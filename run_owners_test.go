package pipeline_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestRunWithoutOwnerReferences(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow, running := held(release)
	p := pipeline.New("p").Step(pipeline.Func("after", increment, slow)).
		Settings(pipeline.KubernetesOrchestratorSettings{SkipOwnerReferences: new(true)})
	c := k8sorchtest.New(t, p)
	h := submitted(t, c, p)
	<-running
	c.KillOrchestrator() // The next one has to know the pod of the last.
	close(release)
	if _, err := h.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"slow", "after"} {
		for i, pod := range c.Pods(step) {
			if len(pod.OwnerReferences) > 0 || i > 0 {
				t.Errorf("pod %d of step %q has the owners %v, want one pod without any", i, step, pod.OwnerReferences)
			}
		}
	}
	records, err := c.Clientset().CoreV1().ConfigMaps(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, cm := range records.Items {
		// The plan is made before anything else, and goes with the Job.
		if owned := len(cm.OwnerReferences) > 0; owned != (cm.Labels[kube.LabelRecord] == kube.RecordPlan) {
			t.Errorf("ConfigMap %s has the owners %v", cm.Name, cm.OwnerReferences)
		}
	}
}
