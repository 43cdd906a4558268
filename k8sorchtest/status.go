package k8sorchtest

import (
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/kube"
)

func (c *Cluster) setRunning(pod *corev1.Pod) {
	c.setStatus(pod, func(status *corev1.PodStatus) {
		status.Phase = corev1.PodRunning
		setMain(status, corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(time.Now())}})
	})
}

func (c *Cluster) setTerminated(pod *corev1.Pod, code int, report string) {
	phase, reason := corev1.PodSucceeded, "Completed"
	if code != 0 {
		phase, reason = corev1.PodFailed, "Error"
	}
	// A pod that leaves no report is one of the things that happen.
	message, _ := os.ReadFile(report)
	taken := c.takenBy(pod)
	c.setStatus(pod, func(status *corev1.PodStatus) {
		status.Phase = phase
		setMain(status, corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: int32(code), Reason: reason, Message: string(message), StartedAt: startOf(status), FinishedAt: metav1.NewTime(time.Now()),
		}})
		if taken != nil {
			taken(status)
		}
	})
}

// setStatus changes the pod's status. A pod that was deleted in the meantime has none.
func (c *Cluster) setStatus(pod *corev1.Pod, change func(*corev1.PodStatus)) {
	pods := c.own.CoreV1().Pods(pod.Namespace)
	current, err := pods.Get(c.tb.Context(), pod.Name, metav1.GetOptions{})
	if err != nil || current.UID != pod.UID {
		return
	}
	change(&current.Status)
	_, _ = pods.UpdateStatus(c.tb.Context(), current, metav1.UpdateOptions{})
}

func setMain(status *corev1.PodStatus, state corev1.ContainerState) {
	status.ContainerStatuses = []corev1.ContainerStatus{{Name: kube.MainContainer, State: state}}
}

// startOf returns when the pod's container was set running; zero when it was not.
func startOf(status *corev1.PodStatus) metav1.Time {
	for _, s := range status.ContainerStatuses {
		if s.State.Running != nil {
			return s.State.Running.StartedAt
		}
	}
	return metav1.Time{}
}
