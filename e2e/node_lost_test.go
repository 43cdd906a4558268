package e2e

import (
	"context"
	"fmt"
	"os"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestNodeIsLost has a step run on a node whose kubelet is never heard of. The cluster marks the node as unreachable and
// the pod for deletion, and nobody knows whether its process still runs: nothing takes its place until the node's object is
// deleted, which tells that it is gone for good.
func TestNodeIsLost(t *testing.T) {
	t.Parallel()
	s, c, lost := loseNode(t, pipeline.KubernetesOrchestratorSettings{})
	if err := s.client.CoreV1().Nodes().Delete(t.Context(), lost.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.wantExit(t, cli.ExitSucceeded)
	s.wantAttempts(t, "look", []pipeline.Outcome{pipeline.Lost})
	s.wantNoOverlap(t, "look")
}

// TestPodOfALostNodeIsDeletedByForce has a node that is never heard of again, and nobody who deletes its object: the
// orchestrator deletes the pod by force, for which it needs no right to nodes.
func TestPodOfALostNodeIsDeletedByForce(t *testing.T) {
	t.Parallel()
	s, c, lost := loseNode(t, pipeline.KubernetesOrchestratorSettings{PodForceDeletionTimeout: new(60), PodStopGracePeriod: new(5)})
	c.wantExit(t, cli.ExitSucceeded)
	s.wantAttempts(t, "look", []pipeline.Outcome{pipeline.Lost})
	s.wantNoOverlap(t, "look")
	if _, err := s.client.CoreV1().Nodes().Get(t.Context(), lost.Name, metav1.GetOptions{}); err != nil {
		t.Errorf("the node that was lost: %v, want it there still", err)
	}
}

// loseNode starts a run whose step is on a node that is lost, and returns once the cluster has marked the step's pod for
// deletion. Another node would take the step.
func loseNode(t *testing.T, settings pipeline.KubernetesOrchestratorSettings) (*scene, *client, *corev1.Node) {
	t.Helper()
	if os.Getenv("K8SORCH_E2E_FULL") == "" {
		t.Skip("the cluster takes minutes to give up a node; set K8SORCH_E2E_FULL")
	}
	s := newScene(t)
	lost := s.makeReservedNode(t)
	pool := "e2e.k8sorch.io/" + s.namespace
	s.labelNode(t, lost.Name, pool)
	// Nobody has ever said that this node is ready.
	settings.PodSettings = onPool(pool,
		corev1.Toleration{Key: corev1.TaintNodeNotReady, Operator: corev1.TolerationOpExists},
		corev1.Toleration{Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
	).PodSettings
	c := s.start(t, looking(t, settings))
	pod := s.pods.first(t, "the step's pod is on the node", func(c change[*corev1.Pod]) bool {
		return isStep("look")(c.object) && c.object.Spec.NodeName == lost.Name
	}).object
	s.pretendRunning(t, pod)
	s.pods.first(t, "the pod is to be deleted", func(c change[*corev1.Pod]) bool {
		return c.object.UID == pod.UID && c.object.DeletionTimestamp != nil
	})
	c.stderr.waitFor(t, "look   Running")

	// The step tolerates what is wrong with the lost node, and would be put there again.
	if err := s.setNodeLabel(t.Context(), lost.Name, pool, "null"); err != nil {
		t.Fatal(err)
	}
	s.labelNode(t, s.anyNode(t).Name, pool)
	return s, c, lost
}

// onPool has steps run on the nodes with a label, reserved ones among them, and their pods deleted 5 s after their node has
// become unreachable; the default is 5 minutes. There may be more that they tolerate.
func onPool(label string, more ...corev1.Toleration) pipeline.KubernetesOrchestratorSettings {
	return pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{
		NodeSelectors: map[string]string{label: "1"},
		Tolerations: append(more,
			corev1.Toleration{Key: reservedTaint, Operator: corev1.TolerationOpExists},
			corev1.Toleration{
				Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute, TolerationSeconds: new(int64(5)),
			},
		),
	}}
}

// labelNode puts a label on a node until the test ends.
func (e *env) labelNode(t *testing.T, node, label string) {
	t.Helper()
	if err := e.setNodeLabel(t.Context(), node, label, `"1"`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.setNodeLabel(context.Background(), node, label, "null"); err != nil && !apierrors.IsNotFound(err) {
			t.Errorf("removing the label of node %s: %v", node, err)
		}
	})
}

// setNodeLabel gives a label of a node a value, in JSON; null takes it away.
func (e *env) setNodeLabel(ctx context.Context, node, label, value string) error {
	patch := fmt.Appendf(nil, `{"metadata":{"labels":{%q:%s}}}`, label, value)
	_, err := e.client.CoreV1().Nodes().Patch(ctx, node, types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}

// pretendRunning says of a pod what its kubelet would.
func (e *env) pretendRunning(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	pod = pod.DeepCopy()
	pod.Status.Phase = corev1.PodRunning
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "main", State: running, Ready: true}}
	if _, err := e.client.CoreV1().Pods(e.namespace).UpdateStatus(t.Context(), pod, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// wantNoOverlap fails the test where a pod of the step was created while there was another.
func (s *scene) wantNoOverlap(t *testing.T, step string) {
	t.Helper()
	there := map[types.UID]bool{}
	for _, c := range s.pods.all() {
		switch {
		case !isStep(step)(c.object):
		case c.kind == watch.Deleted || isOver(c.object):
			delete(there, c.object.UID)
		default:
			if there[c.object.UID] = true; len(there) > 1 {
				t.Errorf("pod %s was there before the one before had ended", c.object.Name)
			}
		}
	}
}
