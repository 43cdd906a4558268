package e2e

import (
	"context"
	"io"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// dump prints what a reader needs to understand a failure: pods, their logs, and the namespace's events.
func (e *env) dump(ctx context.Context, t *testing.T) {
	pods, err := e.client.CoreV1().Pods(e.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Logf("listing pods: %v", err)
		return
	}
	for _, pod := range pods.Items {
		e.dumpPod(ctx, t, &pod)
	}
	events, err := e.client.CoreV1().Events(e.namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		t.Logf("listing events: %v", err)
		return
	}
	slices.SortFunc(events.Items, func(a, b corev1.Event) int { return a.CreationTimestamp.Compare(b.CreationTimestamp.Time) })
	for _, event := range events.Items {
		about := event.InvolvedObject
		t.Logf("event %s %s/%s: %s: %s", event.CreationTimestamp.Format("15:04:05"), about.Kind, about.Name, event.Reason, event.Message)
	}
}

func (e *env) dumpPod(ctx context.Context, t *testing.T, pod *corev1.Pod) {
	status, err := yaml.Marshal(pod.Status)
	if err != nil {
		t.Logf("printing the status of pod %s: %v", pod.Name, err)
	}
	t.Logf("pod %s:\n%s", pod.Name, status)
	for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		logs, err := e.logs(ctx, pod.Name, container.Name)
		if err != nil {
			logs = err.Error()
		}
		t.Logf("logs of %s in pod %s:\n%s", container.Name, pod.Name, logs)
	}
}

// logs reads what a container has written so far.
func (e *env) logs(ctx context.Context, pod, container string) (string, error) {
	options := &corev1.PodLogOptions{Container: container}
	stream, err := e.client.CoreV1().Pods(e.namespace).GetLogs(pod, options).Stream(ctx)
	if err != nil {
		return "", err
	}
	defer stream.Close()
	text, err := io.ReadAll(stream)
	return string(text), err
}
