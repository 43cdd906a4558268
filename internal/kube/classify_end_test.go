package kube

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/org/k8sorch/internal/record"
)

func withMemoryLimit(limit string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Spec.Containers[0].Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(limit)}
	}
}

func TestClassifyEnds(t *testing.T) {
	t.Parallel()
	failure := record.End{Outcome: record.Failed, Reason: "Panic", Message: "panic: no rows", Permanent: true}
	loss := record.End{Outcome: record.Lost, Reason: "ArtifactStore", Message: "no route"}
	for _, tt := range []struct {
		name   string
		change []func(*corev1.Pod)
		want   record.End
	}{
		// Reports.
		{
			name:   "reported failure",
			change: []func(*corev1.Pod){exited(1, endText(t, failure))},
			want:   record.End{Outcome: record.Failed, Reason: "Panic", Message: "panic: no rows", Permanent: true, ExitCode: 1},
		}, {
			name:   "a reported failure is no disruption's",
			change: []func(*corev1.Pod){exited(1, endText(t, failure)), disrupted("PreemptionByScheduler"), deleting},
			want:   record.End{Outcome: record.Failed, Reason: "Panic", Message: "panic: no rows", Permanent: true, ExitCode: 1},
		}, {
			name:   "reported failure with exit code 0",
			change: []func(*corev1.Pod){exited(0, endText(t, failure))},
			want:   record.End{Outcome: record.Failed, Reason: "Panic", Message: "panic: no rows", Permanent: true},
		}, {
			name:   "reported loss",
			change: []func(*corev1.Pod){exited(75, endText(t, loss))},
			want:   record.End{Outcome: record.Lost, Reason: "ArtifactStore", Message: "no route", ExitCode: 75},
		}, {
			name:   "a disruption says more than a reported loss",
			change: []func(*corev1.Pod){exited(75, endText(t, loss)), disrupted("DeletionByTaintManager")},
			want:   record.End{Outcome: record.Lost, Reason: "DeletionByTaintManager", Message: "taken away", ExitCode: 75},
		}, {
			name:   "a report cannot claim what is not the step's to say",
			change: []func(*corev1.Pod){exited(1, `{"end":{"outcome":"Stopped","reason":"Mine"}}`)},
			want:   record.End{Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 1", ExitCode: 1},
		}, {
			name:   "a report cannot set the exit code, nor reach the terminal",
			change: []func(*corev1.Pod){exited(1, `{"end":{"outcome":"Failed","reason":"two words","message":"red \u001b[31malert\n\tmain.go:1","exitCode":9}}`)},
			want:   record.End{Outcome: record.Failed, Reason: "Error", Message: "red [31malert\n\tmain.go:1", ExitCode: 1},
		},
		// The deadline.
		{
			name:   "deadline",
			change: []func(*corev1.Pod){withReason("DeadlineExceeded", "Pod was active too long"), exited(137, endText(t, loss)), disrupted("TerminationByKubelet")},
			want:   record.End{Outcome: record.Failed, Reason: "DeadlineExceeded", Message: "Pod was active too long; the step reported: no route", ExitCode: 137},
		},
		// Memory.
		{
			name:   "out of memory",
			change: []func(*corev1.Pod){withMemoryLimit("512Mi"), withStatus(MainContainer, exitState(137, "OOMKilled", ""))},
			want:   record.End{Outcome: record.Failed, Reason: "OOMKilled", Message: "killed for want of memory; its limit is 512Mi", ExitCode: 137},
		}, {
			name:   "out of memory without a limit",
			change: []func(*corev1.Pod){withStatus(MainContainer, exitState(137, "OOMKilled", ""))},
			want: record.End{
				Outcome: record.Failed, Reason: "OOMKilled", ExitCode: 137,
				Message: "killed for want of memory; it has no limit of its own, so its node or pod had no more",
			},
		}, {
			name:   "a child was out of memory",
			change: []func(*corev1.Pod){withMemoryLimit("1Gi"), withStatus(MainContainer, exitState(1, "OOMKilled", endText(t, failure)))},
			want: record.End{
				Outcome: record.Failed, Reason: "OOMKilled", ExitCode: 1, Permanent: true,
				Message: "killed for want of memory; its limit is 1Gi; the step reported: panic: no rows",
			},
		},
		// Disruptions.
		{
			name:   "evicted for want of the node's memory",
			change: []func(*corev1.Pod){withReason("Evicted", "The node was low on resource: memory"), exited(137, "")},
			want:   record.End{Outcome: record.Lost, Reason: "Evicted", Message: "The node was low on resource: memory", ExitCode: 137},
		}, {
			name:   "preempted by the scheduler",
			change: []func(*corev1.Pod){disrupted("PreemptionByScheduler"), deleting, exited(143, "")},
			want:   record.End{Outcome: record.Lost, Reason: "PreemptionByScheduler", Message: "taken away", ExitCode: 143},
		}, {
			name:   "drained",
			change: []func(*corev1.Pod){disrupted("EvictionByEvictionAPI"), deleting, exited(143, "")},
			want:   record.End{Outcome: record.Lost, Reason: "EvictionByEvictionAPI", Message: "taken away", ExitCode: 143},
		}, {
			name:   "a disruption that did not come to pass",
			change: []func(*corev1.Pod){withCondition(corev1.DisruptionTarget, corev1.ConditionFalse, "", ""), exited(1, "")},
			want:   record.End{Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 1", ExitCode: 1},
		}, {
			name:   "preempted by the kubelet",
			change: []func(*corev1.Pod){withReason("Preempting", "Preempted in order to admit critical pod")},
			want:   record.End{Outcome: record.Lost, Reason: "Preempting", Message: "Preempted in order to admit critical pod"},
		}, {
			name:   "node shut down",
			change: []func(*corev1.Pod){withReason("Terminated", "Pod was terminated in response to imminent node shutdown."), exited(143, "")},
			want:   record.End{Outcome: record.Lost, Reason: "Terminated", Message: "Pod was terminated in response to imminent node shutdown.", ExitCode: 143},
		}, {
			name:   "refused by a node that shuts down",
			change: []func(*corev1.Pod){withReason("NodeShutdown", "Pod was rejected as the node is shutting down.")},
			want:   record.End{Outcome: record.Lost, Reason: "NodeShutdown", Message: "Pod was rejected as the node is shutting down."},
		}, {
			name:   "refused by the node",
			change: []func(*corev1.Pod){withReason("UnexpectedAdmissionError", "device plugin")},
			want:   record.End{Outcome: record.Lost, Reason: "UnexpectedAdmissionError", Message: "device plugin"},
		}, {
			name:   "node full",
			change: []func(*corev1.Pod){withReason("OutOfephemeral-storage", "")},
			want:   record.End{Outcome: record.Lost, Reason: "OutOfephemeral-storage"},
		}, {
			name:   "node gone, container never seen to end",
			change: []func(*corev1.Pod){disrupted("DeletionByPodGC"), withStatus(MainContainer, runningState())},
			want:   record.End{Outcome: record.Lost, Reason: "DeletionByPodGC", Message: "taken away"},
		}, {
			name:   "a reason that is none",
			change: []func(*corev1.Pod){withReason("\x1b[31mEvil\x00", "clear\x1b[2J")},
			want:   record.End{Outcome: record.Lost, Reason: "Disrupted", Message: "clear[2J"},
		},
		// What never ran.
		{
			name:   "init container failed",
			change: []func(*corev1.Pod){withInit("fetch", exitState(7, "Error", "no such file"), false), withStatus(MainContainer, waitingState("PodInitializing", ""))},
			want: record.End{
				Outcome: record.NotStarted, Reason: "InitContainerFailed",
				Message: `init container "fetch" ended with exit code 7: no such file`,
			},
		}, {
			name:   "init container out of memory",
			change: []func(*corev1.Pod){withInit("proxy", exitState(1, "Error", ""), true), withInit("fetch", exitState(137, "OOMKilled", ""), false)},
			want: record.End{
				Outcome: record.NotStarted, Reason: "InitContainerFailed",
				Message: `init container "fetch" ended with exit code 137 (SIGKILL): OOMKilled`,
			},
		}, {
			name:   "evicted in an init container",
			change: []func(*corev1.Pod){withReason("Evicted", "low on disk"), withInit("fetch", exitState(137, "Error", ""), false)},
			want:   record.End{Outcome: record.Lost, Reason: "Evicted", Message: "low on disk"},
		}, {
			name:   "sidecar failed, main did not run",
			change: []func(*corev1.Pod){withInit("proxy", exitState(1, "Error", ""), true)},
			want:   record.End{Outcome: record.Lost, Reason: "ContainerStatusUnknown", Message: "nobody saw how the container ended"},
		}, {
			name:   "runtime could not start it",
			change: []func(*corev1.Pod){withStatus(MainContainer, exitState(128, "StartError", "exec format error"))},
			want:   record.End{Outcome: record.NotStarted, Reason: "StartError", Message: "exec format error", ExitCode: 128},
		},
		// What nobody saw.
		{
			name:   "status unknown",
			change: []func(*corev1.Pod){withStatus(MainContainer, exitState(137, "ContainerStatusUnknown", "The container could not be located"))},
			want:   record.End{Outcome: record.Lost, Reason: "ContainerStatusUnknown", Message: "nobody saw how the container ended", ExitCode: 137},
		}, {
			name:   "runtime does not know",
			change: []func(*corev1.Pod){withStatus(MainContainer, exitState(255, "Unknown", ""))},
			want:   record.End{Outcome: record.Lost, Reason: "ContainerStatusUnknown", Message: "nobody saw how the container ended", ExitCode: 255},
		}, {
			name: "no statuses at all",
			want: record.End{Outcome: record.Lost, Reason: "ContainerStatusUnknown", Message: "nobody saw how the container ended"},
		},
		// Exit codes.
		{
			name:   "killed because its pod was deleted",
			change: []func(*corev1.Pod){deleting, exited(143, "")},
			want:   record.End{Outcome: record.Lost, Reason: "Terminated", Message: "its pod was deleted: exit code 143 (SIGTERM)", ExitCode: 143},
		}, {
			name:   "killed at the end of its grace",
			change: []func(*corev1.Pod){deleting, exited(137, "")},
			want:   record.End{Outcome: record.Lost, Reason: "Terminated", Message: "its pod was deleted: exit code 137 (SIGKILL)", ExitCode: 137},
		}, {
			name:   "killed by somebody else",
			change: []func(*corev1.Pod){withMemoryLimit("1Gi"), exited(137, "")},
			want: record.End{
				Outcome: record.Lost, Reason: "Killed", ExitCode: 137,
				Message: "killed before it could report, with exit code 137 (SIGKILL); somebody on the node sent the signal, " +
					"or the kernel did for want of memory and Kubernetes missed it (its limit is 1Gi)",
			},
		}, {
			name:   "terminated by somebody else",
			change: []func(*corev1.Pod){exited(143, "")},
			want: record.End{
				Outcome: record.Lost, Reason: "Killed", ExitCode: 143,
				Message: "killed before it could report, with exit code 143 (SIGTERM); somebody on the node sent the signal",
			},
		}, {
			name:   "terminated before it listened",
			change: []func(*corev1.Pod){deleting, exited(2, "")},
			want:   record.End{Outcome: record.Lost, Reason: "Terminated", Message: "its pod was deleted: exit code 2", ExitCode: 2},
		}, {
			name:   "crashed in Go code",
			change: []func(*corev1.Pod){exited(2, "")},
			want:   record.End{Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 2", ExitCode: 2},
		}, {
			name:   "failed while its pod was deleted",
			change: []func(*corev1.Pod){deleting, exited(3, "")},
			want:   record.End{Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 3", ExitCode: 3},
		}, {
			name:   "crashed",
			change: []func(*corev1.Pod){exited(139, "not a report")},
			want:   record.End{Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 139 (SIGSEGV)", ExitCode: 139},
		}, {
			name:   "lost by its own exit code",
			change: []func(*corev1.Pod){exited(75, "")},
			want:   record.End{Outcome: record.Lost, Reason: "ExitCode", Message: "exit code 75", ExitCode: 75},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pod := stepPod("load", 1, append([]func(*corev1.Pod){withPhase(corev1.PodFailed)}, tt.change...)...)
			if diff := cmp.Diff(tt.want, classify(idOf(pod), pod, nil).End); diff != "" {
				t.Errorf("end (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClassifySuccessIsNotInferredFromThePhase(t *testing.T) {
	t.Parallel()
	pod := stepPod("load", 1, withPhase(corev1.PodSucceeded))
	got := classify(idOf(pod), pod, nil)
	if got.Result != nil || got.End.Outcome != record.Failed || got.End.Reason != "NoResult" {
		t.Errorf("got result %v and end %+v, want Failed (NoResult)", got.Result, got.End)
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		most int
		want string
	}{
		{"as it is\n\tindented", 100, "as it is\n\tindented"},
		{"bell\a, nul\x00, csi\u009b31m", 100, "bell, nul, csi31m"},
		{"broken \xff utf-8", 100, "broken  utf-8"},
		{"grün", 3, "gr"},
		{"grün", 4, "grü"},
		{strings.Repeat("x", 10), 0, ""},
	} {
		if got := plain(tt.text, tt.most); got != tt.want {
			t.Errorf("plain(%q, %d) = %q, want %q", tt.text, tt.most, got, tt.want)
		}
	}
}
