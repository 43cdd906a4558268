package kube

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/engine"
)

func gated(names ...string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		for _, name := range names {
			pod.Spec.SchedulingGates = append(pod.Spec.SchedulingGates, corev1.PodSchedulingGate{Name: name})
		}
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	unscheduled := withCondition(corev1.PodScheduled, corev1.ConditionFalse, "Unschedulable", "0/3 nodes are available")
	scheduled := withCondition(corev1.PodScheduled, corev1.ConditionTrue, "", "")
	for _, tt := range []struct {
		name            string
		change          []func(*corev1.Pod)
		phase           engine.Phase
		reason, message string
	}{
		{name: "created", phase: engine.Waiting, reason: "Pending"},
		{
			name: "no node", change: []func(*corev1.Pod){unscheduled},
			phase: engine.Waiting, reason: "Unschedulable", message: "0/3 nodes are available",
		}, {
			name: "scheduled", change: []func(*corev1.Pod){scheduled, withStatus(MainContainer, waitingState("ContainerCreating", ""))},
			phase: engine.Waiting, reason: "ContainerCreating",
		}, {
			name:   "an init container is running",
			change: []func(*corev1.Pod){scheduled, withInit("fetch", runningState(), false), withStatus(MainContainer, waitingState("PodInitializing", ""))},
			phase:  engine.Waiting, reason: "PodInitializing",
		}, {
			name: "no image", change: []func(*corev1.Pod){
				scheduled, withStatus("helper", waitingState("ContainerCreating", "")), withStatus(MainContainer, waitingState("ErrImagePull", "not found")),
			},
			phase: engine.Waiting, reason: "ErrImagePull", message: "not found",
		}, {
			name: "no image for an init container", change: []func(*corev1.Pod){
				scheduled, withStatus(MainContainer, waitingState("PodInitializing", "")), withInit("fetch", waitingState("ImagePullBackOff", "Back-off"), false),
			},
			phase: engine.Waiting, reason: "ImagePullBackOff", message: "Back-off",
		}, {
			name: "gated", change: []func(*corev1.Pod){
				gated("kueue.x-k8s.io/admission", "example.org/hold"),
				withCondition(corev1.PodScheduled, corev1.ConditionFalse, "SchedulingGated", "Scheduling is blocked"),
			},
			phase: engine.Queued, reason: "SchedulingGated", message: "held back by kueue.x-k8s.io/admission, example.org/hold",
		}, {
			name: "gated, nobody has said so yet", change: []func(*corev1.Pod){gated("kueue.x-k8s.io/admission")},
			phase: engine.Queued, reason: "SchedulingGated", message: "held back by kueue.x-k8s.io/admission",
		}, {
			name: "not gated any more", change: []func(*corev1.Pod){unscheduled},
			phase: engine.Waiting, reason: "Unschedulable", message: "0/3 nodes are available",
		}, {
			name: "hostile", change: []func(*corev1.Pod){
				withStatus(MainContainer, waitingState("two words", strings.Repeat("x", 5000)+"\x1b")),
			},
			phase: engine.Waiting, reason: "Waiting", message: strings.Repeat("x", 1024),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			phase, reason, message := waiting(stepPod("load", 1, tt.change...))
			if phase != tt.phase || reason != tt.reason || message != tt.message {
				t.Errorf("got %s %s %q, want %s %s %q", phase, reason, message, tt.phase, tt.reason, tt.message)
			}
		})
	}
}

// TestPodsInAQueueOfKueue: the label by which Kueue takes a pod in comes from the settings, and its webhook adds a gate.
func TestPodsInAQueueOfKueue(t *testing.T) {
	t.Parallel()
	const label = "kueue.x-k8s.io/queue-name"
	p := testPlan()
	p.Kubernetes.Templates[0].Labels = map[string]string{label: "team-a"}
	pod := NewPods(testRef(), p).Of("load", 1, 0)
	if got := pod.Labels[label]; got != "team-a" {
		t.Errorf("the pod has the label %s=%q, want the settings' one", label, got)
	}
	gated("kueue.x-k8s.io/admission")(pod)
	withCondition(corev1.PodScheduled, corev1.ConditionFalse, corev1.PodReasonSchedulingGated, "Scheduling is blocked due to non-empty scheduling gates")(pod)
	want := engine.Sighting{Attempt: 1, Phase: engine.Queued, Reason: "SchedulingGated", Message: "held back by kueue.x-k8s.io/admission"}
	if diff := cmp.Diff(want, NewCluster(newFakeAPI(), testRef(), p, Options{}).readPod(pod).means); diff != "" {
		t.Errorf("held back (-want +got):\n%s", diff)
	}
	pod.Spec.SchedulingGates, pod.Status.Conditions = nil, nil
	withCondition(corev1.PodScheduled, corev1.ConditionFalse, corev1.PodReasonUnschedulable, "0/3 nodes are available")(pod)
	if got := classify(idOf(pod), pod, nil); got.Phase != engine.Waiting {
		t.Errorf("admitted, it is %s, want its time to count", got.Phase)
	}
}
