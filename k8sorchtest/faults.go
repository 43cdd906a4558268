package k8sorchtest

import (
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/kube"
)

// Always, as a number of times, is for good.
const Always = math.MaxInt

// Evict takes the running pods of a step away as the kubelet does when its node is short of memory: the step's context
// ends, and once its function has returned the pod has failed with the reason Evicted. A value that the function returns
// all the same is the step's.
//
// It may be called by the step's own function. The test fails if no pod of the step is running.
func (c *Cluster) Evict(step string) {
	c.tb.Helper()
	c.takeAway(step, func(status *corev1.PodStatus) {
		status.Phase, status.Reason, status.Message = corev1.PodFailed, "Evicted", "The node was low on resource: memory."
	})
}

// LoseNode takes the running pods of a step away as happens when their node is gone for good, and its Node object with
// it: the step's context ends, and once its function has returned the pod has failed with the reason DeletionByPodGC.
// Unlike that of a machine without power, the function can still return a value.
//
// It may be called by the step's own function. The test fails if no pod of the step is running.
func (c *Cluster) LoseNode(step string) {
	c.tb.Helper()
	c.takeAway(step, func(status *corev1.PodStatus) {
		status.Phase = corev1.PodFailed
		status.Conditions = append(status.Conditions, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "DeletionByPodGC", Message: "PodGC: node no longer exists",
		})
	})
}

// takeAway tells the processes of a step's pods to end, and keeps what their pods' status will say of it.
func (c *Cluster) takeAway(step string, how func(*corev1.PodStatus)) {
	c.tb.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	found := c.running(kube.LabelStep, step)
	if len(found) == 0 {
		c.tb.Errorf("taking a pod of step %q away: none is running", step)
	}
	for _, p := range found {
		p.taken = how
		p.terminate()
	}
}

// DeletePod deletes the running pods of a step, as somebody might by hand. They are gone at once, with no grace period,
// and the step's context ends.
//
// It may be called by the step's own function. The test fails if no pod of the step is running.
func (c *Cluster) DeletePod(step string) {
	c.tb.Helper()
	c.mu.Lock()
	found := c.running(kube.LabelStep, step)
	c.mu.Unlock()
	if len(found) == 0 {
		c.tb.Errorf("deleting a pod of step %q: none is running", step)
	}
	for _, p := range found {
		// The call goes by the client, which keeps deletions for the watches to come.
		if err := c.client.CoreV1().Pods(p.pod.Namespace).Delete(c.tb.Context(), p.pod.Name, metav1.DeleteOptions{}); err != nil {
			c.tb.Errorf("deleting a pod of step %q: %v", step, err)
		}
	}
}

// RefuseImage lets the image of a step be refused, to as many of its pods as times says, from the next one on: they wait
// with the reason ImagePullBackOff until they are deleted. Unless FailOnContainerWaitingReasons says otherwise, that is final
// for the step after a while.
func (c *Cluster) RefuseImage(step string, times int) {
	c.hold(step, times, corev1.PodStatus{Phase: corev1.PodPending, ContainerStatuses: []corev1.ContainerStatus{{
		Name: kube.MainContainer, State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
			Reason: "ImagePullBackOff", Message: fmt.Sprintf("Back-off pulling the image of step %q", step),
		}},
	}}})
}

// MakeUnschedulable leaves no node for as many pods of a step as times says, from the next one on: they wait with the
// reason Unschedulable until they are deleted.
func (c *Cluster) MakeUnschedulable(step string, times int) {
	c.hold(step, times, corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{
		Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: corev1.PodReasonUnschedulable,
		Message: "0/1 nodes are available: 1 Insufficient cpu.",
	}}})
}

// held is what keeps the next pods of a step from running.
type held struct {
	step string
	left int
	// wait is the status of such a pod.
	wait corev1.PodStatus
}

func (c *Cluster) hold(step string, times int, wait corev1.PodStatus) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = append(c.held, &held{step: step, left: times, wait: wait})
}

// holdBack returns what keeps this pod from running; nil when nothing does.
func (c *Cluster) holdBack(pod *corev1.Pod) *held {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.held {
		if h.step == pod.Labels[kube.LabelStep] && h.left > 0 {
			h.left--
			return h
		}
	}
	return nil
}
