package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

// remains is what an attempt that brought no result left behind.
type remains struct {
	pod *corev1.Pod
	// exit is the end of the main container, nil when it did not run or nothing is known of it.
	exit *corev1.ContainerStateTerminated
	// report is empty when there is none.
	report record.Report
}

// end says how the attempt ended. The first that knows decides, from what cannot be mistaken to what is left:
//
//   - What Kubernetes alone knows: the deadline it enforced, the kernel killing for want of memory. The step's own report
//     speaks of the symptoms only.
//   - The failure that the step reported. It reports none that follows from its being taken away.
//   - A disruption (eviction, preemption, shutdown, node lost): Lost. The exit code of a container taken away is 143 or
//     137 and says nothing about the step, so it comes after this.
//   - The loss that the step reported.
//   - A container that never ran the step: NotStarted when an init container failed or the runtime could not start it,
//     for nothing took it away, and the delay and backoff of that budget are what helps. A pod that the node refused or
//     dropped is a disruption.
//   - A signal that processes get from others: Lost, as it came before the step could report.
//   - The exit code.
func (r remains) end() record.End {
	for _, tell := range []func() (record.End, bool){
		r.deadline, r.outOfMemory, r.reportedFailure, r.disruption, r.reportedLoss, r.neverRan, r.unknown, r.killed,
	} {
		if end, ok := tell(); ok {
			return r.withExitCode(end)
		}
	}
	return r.withExitCode(r.exited())
}

func (r remains) withExitCode(end record.End) record.End {
	end.ExitCode = 0
	if r.exit != nil {
		end.ExitCode = int(r.exit.ExitCode)
	}
	return end
}

// deadline tells of activeDeadlineSeconds (k8s.io/kubernetes/pkg/kubelet/active_deadline.go).
func (r remains) deadline() (record.End, bool) {
	const reason = "DeadlineExceeded"
	if r.pod.Status.Reason != reason {
		return record.End{}, false
	}
	end := record.End{Outcome: record.Failed, Reason: reason, Message: plain(r.pod.Status.Message, maxEndMessage)}
	return r.withOwnWords(end), true
}

// withOwnWords adds what the step reported to an end that Kubernetes knows the cause of.
func (r remains) withOwnWords(end record.End) record.End {
	if own := r.report.End; own != nil {
		end.Permanent, end.Metadata = own.Permanent, own.Metadata
		end.Message += "; the step reported: " + plain(own.Message, maxEndMessage)
	}
	return end
}

// outOfMemory is told by the container's reason: the exit code 137 alone may mean any kill, and the parent of a killed
// process may end with a code of its own.
func (r remains) outOfMemory() (record.End, bool) {
	const reason = "OOMKilled"
	if r.exit == nil || r.exit.Reason != reason {
		return record.End{}, false
	}
	end := record.End{Outcome: record.Failed, Reason: reason, Message: "killed for want of memory; " + memoryLimit(r.pod)}
	return r.withOwnWords(end), true
}

func memoryLimit(pod *corev1.Pod) string {
	for _, c := range pod.Spec.Containers {
		if limit, ok := c.Resources.Limits[corev1.ResourceMemory]; ok && c.Name == MainContainer {
			return "its limit is " + limit.String()
		}
	}
	return "it has no limit of its own, so its node or pod had no more"
}

func (r remains) reportedFailure() (record.End, bool) { return r.reported(record.Failed) }

func (r remains) reportedLoss() (record.End, bool) { return r.reported(record.Lost) }

func (r remains) reported(outcome record.Outcome) (record.End, bool) {
	if r.report.End == nil || r.report.End.Outcome != outcome {
		return record.End{}, false
	}
	end := *r.report.End
	end.Reason = word(end.Reason, "Error")
	end.Message = plain(end.Message, maxEndMessage)
	return end, true
}

func (r remains) disruption() (record.End, bool) { return disruptionOf(r.pod) }

// disruptionOf tells whether a pod was taken away or refused by the cluster, and how the cluster puts it. The condition
// is that of k8s.io/api/core/v1.DisruptionTarget; a kubelet that refuses or drops a pod says so in the status alone.
func disruptionOf(pod *corev1.Pod) (record.End, bool) {
	end := record.End{Outcome: record.Lost, Reason: pod.Status.Reason, Message: pod.Status.Message}
	target := condition(pod, corev1.DisruptionTarget, corev1.ConditionTrue)
	switch {
	case target != nil && end.Reason == "":
		end.Reason, end.Message = target.Reason, target.Message
	case target == nil && (end.Reason == "" || pod.Status.Phase != corev1.PodFailed):
		return record.End{}, false
	}
	end.Reason, end.Message = word(end.Reason, "Disrupted"), plain(end.Message, maxEndMessage)
	return end, true
}

// condition returns the pod's condition of a type if it has that status.
func condition(pod *corev1.Pod, kind corev1.PodConditionType, status corev1.ConditionStatus) *corev1.PodCondition {
	conditions := pod.Status.Conditions
	i := slices.IndexFunc(conditions, func(c corev1.PodCondition) bool { return c.Type == kind && c.Status == status })
	if i < 0 {
		return nil
	}
	return &conditions[i]
}

// neverRan tells of an init container that failed, and of a runtime that could not start the main one.
func (r remains) neverRan() (record.End, bool) {
	if r.exit == nil {
		return failedInit(r.pod)
	}
	switch r.exit.Reason {
	case "StartError", "ContainerCannotRun": // containerd's word and cri-dockerd's
		message := plain(r.exit.Message, maxEndMessage)
		return record.End{Outcome: record.NotStarted, Reason: r.exit.Reason, Message: message}, true
	}
	return record.End{}, false
}

func failedInit(pod *corev1.Pod) (record.End, bool) {
	for _, s := range pod.Status.InitContainerStatuses {
		exit := s.State.Terminated
		if exit == nil || exit.ExitCode == 0 || isSidecar(pod, s.Name) {
			continue
		}
		said := []string{
			fmt.Sprintf("init container %q ended with %s", s.Name, codeInWords(exit.ExitCode)),
			word(exit.Reason, ""), plain(exit.Message, maxWaitingMessage),
		}
		said = slices.DeleteFunc(said, func(part string) bool { return part == "" || part == "Error" })
		return record.End{Outcome: record.NotStarted, Reason: "InitContainerFailed", Message: strings.Join(said, ": ")}, true
	}
	return record.End{}, false
}

// isSidecar tells init containers that run beside the others from those that come before them.
func isSidecar(pod *corev1.Pod, name string) bool {
	return slices.ContainsFunc(pod.Spec.InitContainers, func(c corev1.Container) bool {
		return c.Name == name && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
	})
}

// unknown tells that nobody saw the main container end.
func (r remains) unknown() (record.End, bool) {
	end := record.End{Outcome: record.Lost, Reason: "ContainerStatusUnknown", Message: "nobody saw how the container ended"}
	if r.exit == nil {
		return end, r.pod.Status.Phase == corev1.PodFailed
	}
	// The second is containerd's word, with the code 255.
	return end, r.exit.Reason == end.Reason || r.exit.Reason == "Unknown"
}

// killed tells of a container that a signal ended: because its pod was deleted, or nobody says why.
func (r remains) killed() (record.End, bool) {
	if r.exit == nil {
		return record.End{}, false
	}
	code := codeInWords(r.exit.ExitCode)
	if r.pod.DeletionTimestamp != nil && byTermination(MainContainer, r.exit) {
		return record.End{Outcome: record.Lost, Reason: "Terminated", Message: "its pod was deleted: " + code}, true
	}
	if r.exit.ExitCode != exitSIGTERM && r.exit.ExitCode != exitSIGKILL {
		return record.End{}, false
	}
	message := "killed before it could report, with " + code + "; somebody on the node sent the signal"
	if r.exit.ExitCode == exitSIGKILL {
		message += ", or the kernel did for want of memory and Kubernetes missed it (" + memoryLimit(r.pod) + ")"
	}
	return record.End{Outcome: record.Lost, Reason: "Killed", Message: message}, true
}

// byTermination tells whether a container that was taken away may have ended for that reason. Others than the step's own need not
// be Go programs.
func byTermination(container string, exit *corev1.ContainerStateTerminated) bool {
	return exit.ExitCode == exitSIGTERM || exit.ExitCode == exitSIGKILL || container == MainContainer && exit.ExitCode == exitDeaf
}

// exited goes by the exit code, when there is nothing better.
func (r remains) exited() record.End {
	switch {
	case r.exit == nil || r.exit.ExitCode == attempt.ExitResult:
		message := "it ended with exit code 0, and left neither a result record nor a report"
		return record.End{Outcome: record.Failed, Reason: "NoResult", Message: message}
	case r.exit.ExitCode == attempt.ExitLost:
		return record.End{Outcome: record.Lost, Reason: "ExitCode", Message: codeInWords(r.exit.ExitCode)}
	}
	return record.End{Outcome: record.Failed, Reason: "ExitCode", Message: codeInWords(r.exit.ExitCode)}
}
