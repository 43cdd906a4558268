package kube

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/engine"
)

// waiting says what holds back a pod whose main container does not run yet: a container that cannot be created, else
// the scheduler, else a gate. What the kubelet says while all goes well comes last.
func waiting(pod *corev1.Pod) (phase engine.Phase, reason, message string) {
	states := waitingStates(pod)
	if i := slices.IndexFunc(states, isStuck); i >= 0 {
		return engine.Waiting, word(states[i].Reason, "Waiting"), plain(states[i].Message, maxWaitingMessage)
	}
	scheduled := condition(pod, corev1.PodScheduled, corev1.ConditionFalse)
	switch {
	case len(pod.Spec.SchedulingGates) > 0, scheduled != nil && scheduled.Reason == corev1.PodReasonSchedulingGated:
		return engine.Queued, corev1.PodReasonSchedulingGated, gates(pod)
	case scheduled != nil:
		return engine.Waiting, word(scheduled.Reason, corev1.PodReasonUnschedulable), plain(scheduled.Message, maxWaitingMessage)
	case len(states) > 0:
		return engine.Waiting, word(states[0].Reason, "Pending"), plain(states[0].Message, maxWaitingMessage)
	}
	return engine.Waiting, word(pod.Status.Reason, "Pending"), plain(pod.Status.Message, maxWaitingMessage)
}

// waitingStates returns the states of the containers that wait, in the order in which they are to start.
func waitingStates(pod *corev1.Pod) []corev1.ContainerStateWaiting {
	var states []corev1.ContainerStateWaiting
	for _, s := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if s.State.Waiting != nil {
			states = append(states, *s.State.Waiting)
		}
	}
	return states
}

// isStuck tells a container that something keeps from starting from one whose turn is yet to come
// (k8s.io/kubernetes/pkg/kubelet: ContainerCreating and PodInitializing are what every container begins with).
func isStuck(s corev1.ContainerStateWaiting) bool {
	return s.Reason != "" && s.Reason != "ContainerCreating" && s.Reason != "PodInitializing"
}

func gates(pod *corev1.Pod) string {
	var names []string
	for _, g := range pod.Spec.SchedulingGates {
		names = append(names, g.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return plain("held back by "+strings.Join(names, ", "), maxWaitingMessage)
}
