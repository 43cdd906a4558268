package e2e

import (
	"bufio"
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/cli"
)

// TestTwoOrchestrators has a second orchestrator drive the quickstart as well.
func TestTwoOrchestrators(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildQuickstart)})
	second := s.startTwin(t)
	c.wantExit(t, cli.ExitSucceeded)
	wantReport(t, c)
	s.wantOnePodPerStep(t)
	// It has come to the same end, and not by an error.
	waitFor(t, s.client.CoreV1().Pods(s.namespace), second.Name, func(pod *corev1.Pod) bool { return pod.Status.Phase == corev1.PodSucceeded })
}

// startTwin gives the run a second orchestrator, which is not its Job's, and waits until it follows what happens.
func (s *scene) startTwin(t *testing.T) *corev1.Pod {
	t.Helper()
	first := s.pods.first(t, "there is an orchestrator", func(c change[*corev1.Pod]) bool { return isOrchestrator(c.object) })
	second, err := s.client.CoreV1().Pods(s.namespace).Create(t.Context(), twin(first.object), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, s.client.CoreV1().Pods(s.namespace), second.Name, func(pod *corev1.Pod) bool { return pod.Status.Phase != corev1.PodPending })
	s.waitForLog(t, second.Name, "step changed")
	return second
}

// twin returns a pod that does what an orchestrator's pod does, and that the Job controller does not know.
func twin(pod *corev1.Pod) *corev1.Pod {
	const jobUID = "batch.kubernetes.io/controller-uid"
	second := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name + "-twin", Annotations: pod.Annotations},
		Spec:       *pod.Spec.DeepCopy(),
	}
	second.Spec.NodeName = ""
	for i, v := range second.Spec.Containers[0].Env {
		if v.ValueFrom != nil && strings.Contains(v.ValueFrom.FieldRef.FieldPath, jobUID) {
			second.Spec.Containers[0].Env[i] = corev1.EnvVar{Name: v.Name, Value: pod.Labels[jobUID]}
		}
	}
	return second
}

// waitForLog waits until a pod's main container logs a line with the words.
func (e *env) waitForLog(t *testing.T, pod, words string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	options := &corev1.PodLogOptions{Container: "main", Follow: true}
	stream, err := e.client.CoreV1().Pods(e.namespace).GetLogs(pod, options).Stream(ctx)
	if err != nil {
		t.Fatalf("reading the log of pod %s: %v", pod, err)
	}
	defer stream.Close()
	for lines := bufio.NewScanner(stream); lines.Scan(); {
		if strings.Contains(lines.Text(), words) {
			return
		}
	}
	t.Fatalf("pod %s has not logged %q", pod, words)
}
