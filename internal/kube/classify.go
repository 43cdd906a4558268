package kube

import (
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// classify says how the attempt stands whose pod this is. It looks at nothing but the pod and the step's failure policy,
// which is nil for most, and trusts nothing in the pod that a container could have written.
//
// The step is over when its main container is, whatever the others do.
func classify(id attempt.ID, pod *corev1.Pod, policy *batchv1.PodFailurePolicy) engine.Sighting {
	main := mainStatus(pod)
	s := engine.Sighting{
		Attempt: id.Attempt, UID: string(pod.UID),
		Deleting: pod.DeletionTimestamp != nil, Grace: deletionGrace(pod), Started: startOf(main.State), Litter: isLitter(pod),
	}
	switch {
	case isTerminal(pod) || main.State.Terminated != nil:
		s.Phase = engine.Ended
		s.Result, s.Value, s.End = ending(id, pod, main.State.Terminated, policy)
	case main.State.Running != nil:
		s.Phase = engine.Running
		s.Reason, s.Message = unrest(pod)
	default:
		s.Phase, s.Reason, s.Message = waiting(pod)
	}
	return s
}

// mainStatus returns the status of the container that runs the step; an empty one while there is none.
func mainStatus(pod *corev1.Pod) corev1.ContainerStatus {
	statuses := pod.Status.ContainerStatuses
	i := slices.IndexFunc(statuses, func(s corev1.ContainerStatus) bool { return s.Name == MainContainer })
	if i < 0 {
		return corev1.ContainerStatus{}
	}
	return statuses[i]
}

func isTerminal(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// isLitter tells a pod that other containers hold on to, or will when the main one has ended, from one that is about to be terminal: the kubelet shows a
// container's end a moment before the pod's, and sees to the end of native sidecars itself. To delete that one would
// delete its log. A container that still waits, for an image that may never come, holds on as one that runs does. So does
// one of which the kubelet has not said anything yet: the record of a short step is there before that.
func isLitter(pod *corev1.Pod) bool {
	over := map[string]bool{MainContainer: true}
	for _, s := range pod.Status.ContainerStatuses {
		over[s.Name] = over[s.Name] || s.State.Terminated != nil
	}
	return !isTerminal(pod) && slices.ContainsFunc(pod.Spec.Containers, func(c corev1.Container) bool { return !over[c.Name] })
}

// deletionGrace is how long the containers of a pod that is on its way out have to end. Whoever deletes the pod may shorten it.
func deletionGrace(pod *corev1.Pod) time.Duration {
	if pod.DeletionTimestamp == nil || pod.DeletionGracePeriodSeconds == nil {
		return 0
	}
	return time.Duration(*pod.DeletionGracePeriodSeconds) * time.Second
}

// startOf returns when a container started; zero when it did not. A container that could not be started has the
// beginning of the Unix epoch there.
func startOf(state corev1.ContainerState) time.Time {
	var start time.Time
	switch {
	case state.Running != nil:
		start = state.Running.StartedAt.Time
	case state.Terminated != nil:
		start = state.Terminated.StartedAt.Time
	}
	if start.IsZero() || start.Unix() <= 0 {
		return time.Time{}
	}
	return start
}

// ending returns what an attempt reported when it succeeded, or how it ended otherwise. Exit is that of the main
// container, nil when it did not run or nothing is known of it.
func ending(
	id attempt.ID, pod *corev1.Pod, exit *corev1.ContainerStateTerminated, policy *batchv1.PodFailurePolicy,
) (*record.Result, []byte, record.End) {
	left := remains{pod: pod, exit: exit}
	if exit != nil && len(exit.Message) <= record.MaxReport {
		// What is not a report is nothing at all.
		left.report, _ = attempt.ParseReport([]byte(exit.Message), id)
	}
	if left.report.Result != nil {
		return left.report.Result, left.report.Value, record.End{}
	}
	return nil, nil, left.judge(policy, left.end())
}

// unrest says what is wrong with a running pod, if anything: its node does not answer, or it is about to be evicted. The
// former says more, for it is why the latter takes long.
func unrest(pod *corev1.Pod) (reason, message string) {
	if isOutOfReach(pod) {
		return "NodeNotReady", "node " + pod.Spec.NodeName + " does not answer or is not ready"
	}
	if disruption, ok := disruptionOf(pod); ok {
		return disruption.Reason, disruption.Message
	}
	return word(pod.Status.Reason, ""), plain(pod.Status.Message, maxWaitingMessage)
}

// isOutOfReach tells that the cluster does not hear from the pod's node. The node controller then says of the pod that it is
// not ready, and gives no reason (MarkPodsNotReady in pkg/controller/util/node of Kubernetes 1.37). A kubelet, which says
// the same where a container is not ready, always gives one (pkg/kubelet/status/generate.go).
func isOutOfReach(pod *corev1.Pod) bool {
	ready := condition(pod, corev1.PodReady, corev1.ConditionFalse)
	return ready != nil && ready.Reason == ""
}
