package e2e

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	kresource "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestNodeSelector has a step ask for a node by its name. TestUnschedulableStep has one ask for a node that there is not.
func TestNodeSelector(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	node := s.anyNode(t)
	c := s.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{
		NodeSelectors: map[string]string{corev1.LabelHostname: node.Labels[corev1.LabelHostname]},
	}}))
	c.wantExit(t, cli.ExitSucceeded)
	pod := s.running(t, "look")
	if got := pod.Spec.NodeSelector[corev1.LabelHostname]; got != node.Labels[corev1.LabelHostname] || pod.Spec.NodeName != node.Name {
		t.Errorf("the pod asked for %s and ran on %s, want %s", got, pod.Spec.NodeName, node.Name)
	}
}

// anyNode returns a node that ordinary pods run on.
func (e *env) anyNode(t *testing.T) corev1.Node {
	t.Helper()
	nodes, err := e.client.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes.Items {
		if len(node.Spec.Taints) == 0 {
			return node
		}
	}
	t.Fatal("every node has a taint")
	return corev1.Node{}
}

// TestTolerations has a node that takes no pods but those that tolerate its taint. Without the toleration, the client
// shows what the scheduler says of it; with it, the pod gets there.
func TestTolerations(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	node := s.makeReservedNode(t)
	there := &pipeline.KubernetesPodSettings{NodeSelectors: map[string]string{corev1.LabelHostname: node.Name}}

	c := s.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{PodSettings: there}))
	c.stderr.waitFor(t, "look   Waiting", "Unschedulable", "untolerated taint")
	s.requestStop(t, s.job(t).Name, "it will never start")
	c.wantExit(t, cli.ExitStopped)

	there.Tolerations = []corev1.Toleration{
		{Key: reservedTaint, Operator: corev1.TolerationOpEqual, Value: "tests", Effect: corev1.TaintEffectNoSchedule},
		// There is nobody who could say that the node is ready.
		{Key: corev1.TaintNodeNotReady, Operator: corev1.TolerationOpExists},
		{Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists},
	}
	s.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{PodSettings: there}))
	s.pods.first(t, "the step's pod is on the node", func(c change[*corev1.Pod]) bool {
		return isStep("look")(c.object) && c.object.Spec.NodeName == node.Name
	})
}

// reservedTaint is the key of the taint of the test's node.
const reservedTaint = "e2e.k8sorch.io/reserved"

// makeReservedNode makes a node for the scheduler, of which there is nothing but its object. It goes with the test, and
// the cluster then deletes the pods that were to run there.
func (e *env) makeReservedNode(t *testing.T) *corev1.Node {
	t.Helper()
	like := e.anyNode(t)
	labels := map[string]string{
		corev1.LabelHostname:   e.namespace,
		corev1.LabelOSStable:   like.Labels[corev1.LabelOSStable],
		corev1.LabelArchStable: like.Labels[corev1.LabelArchStable],
	}
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: e.namespace, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: []corev1.Taint{{Key: reservedTaint, Value: "tests", Effect: corev1.TaintEffectNoSchedule}}},
		Status: corev1.NodeStatus{Allocatable: corev1.ResourceList{
			corev1.ResourceCPU: kresource.MustParse("1"), corev1.ResourceMemory: kresource.MustParse("1Gi"), corev1.ResourcePods: kresource.MustParse("10"),
		}},
	}
	node, err := e.client.CoreV1().Nodes().Create(t.Context(), node, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.client.CoreV1().Nodes().Delete(context.Background(), node.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("deleting the node: %v", err)
		}
	})
	return node
}
