package kube

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

var startTime = time.Unix(1700000000, 0).UTC()

func idOf(pod *corev1.Pod) attempt.ID {
	return attempt.ID{Run: "train-7", Step: "load", Attempt: 1, UID: string(pod.UID)}
}

// The parts from which the pods below are made.

func withPhase(phase corev1.PodPhase) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Status.Phase = phase }
}

func withReason(reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) { pod.Status.Reason, pod.Status.Message = reason, message }
}

func withCondition(kind corev1.PodConditionType, status corev1.ConditionStatus, reason, message string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: kind, Status: status, Reason: reason, Message: message})
	}
}

func disrupted(reason string) func(*corev1.Pod) {
	return withCondition(corev1.DisruptionTarget, corev1.ConditionTrue, reason, "taken away")
}

func onNode(name string) func(*corev1.Pod) { return func(pod *corev1.Pod) { pod.Spec.NodeName = name } }

func deleting(pod *corev1.Pod) { pod.DeletionTimestamp = new(metav1.Now()) }

func withStatus(name string, state corev1.ContainerState) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.ContainerStatuses = append(pod.Status.ContainerStatuses, corev1.ContainerStatus{Name: name, State: state})
		withContainer(name)(pod)
	}
}

// withContainer adds a container of which nothing is known yet, unless the pod has it.
func withContainer(name string) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		if !slices.ContainsFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == name }) {
			pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: name})
		}
	}
}

func withInit(name string, state corev1.ContainerState, sidecar bool) func(*corev1.Pod) {
	return func(pod *corev1.Pod) {
		pod.Status.InitContainerStatuses = append(pod.Status.InitContainerStatuses, corev1.ContainerStatus{Name: name, State: state})
		c := corev1.Container{Name: name}
		if sidecar {
			c.RestartPolicy = new(corev1.ContainerRestartPolicyAlways)
		}
		pod.Spec.InitContainers = append(pod.Spec.InitContainers, c)
	}
}

func runningState() corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(startTime)}}
}

func waitingState(reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
}

func exitState(code int32, reason, message string) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode: code, Reason: reason, Message: message, StartedAt: metav1.NewTime(startTime),
	}}
}

func exited(code int32, message string) func(*corev1.Pod) {
	reason := "Error"
	if code == 0 {
		reason = "Completed"
	}
	return withStatus(MainContainer, exitState(code, reason, message))
}

func reportText(t *testing.T, r record.Report) string {
	t.Helper()
	b, err := r.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func endText(t *testing.T, end record.End) string {
	t.Helper()
	return reportText(t, record.Report{End: &end})
}

func TestClassifyPhases(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change []func(*corev1.Pod)
		want   engine.Sighting
	}{
		{
			name: "created",
			want: engine.Sighting{Phase: engine.Waiting, Reason: "Pending"},
		}, {
			name:   "created with a container that will run on",
			change: []func(*corev1.Pod){withContainer("helper")},
			want:   engine.Sighting{Phase: engine.Waiting, Reason: "Pending", Litter: true},
		}, {
			name:   "running",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), withStatus("sidecar", exitState(1, "Error", "")), withStatus(MainContainer, runningState())},
			want:   engine.Sighting{Phase: engine.Running, Started: startTime},
		}, {
			name:   "running beside a container that will run on",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), withStatus("helper", runningState()), withStatus(MainContainer, runningState())},
			want:   engine.Sighting{Phase: engine.Running, Started: startTime, Litter: true},
		}, {
			name:   "running beside a native sidecar, which ends with it",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), withInit("proxy", runningState(), true), withStatus(MainContainer, runningState())},
			want:   engine.Sighting{Phase: engine.Running, Started: startTime},
		}, {
			name:   "running while being deleted",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), deleting, withStatus(MainContainer, runningState())},
			want:   engine.Sighting{Phase: engine.Running, Started: startTime, Deleting: true},
		}, {
			name: "running past its grace",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), withStatus(MainContainer, runningState()), deleting, func(pod *corev1.Pod) {
				pod.DeletionGracePeriodSeconds = new(int64(30))
			}},
			want: engine.Sighting{Phase: engine.Running, Started: startTime, Deleting: true, Grace: 30 * time.Second},
		}, {
			name: "running on a node that does not answer",
			change: []func(*corev1.Pod){
				withPhase(corev1.PodRunning), onNode("n-3"), withCondition(corev1.PodReady, corev1.ConditionFalse, "", ""),
				withStatus(MainContainer, runningState()),
			},
			want: engine.Sighting{Phase: engine.Running, Started: startTime, Reason: "NodeNotReady", Message: "node n-3 does not answer or is not ready"},
		}, {
			name: "to be deleted from a node that does not answer",
			change: []func(*corev1.Pod){
				withPhase(corev1.PodRunning), deleting, onNode("n-3"), withCondition(corev1.PodReady, corev1.ConditionFalse, "", ""),
				disrupted("DeletionByTaintManager"), withStatus(MainContainer, runningState()),
			},
			want: engine.Sighting{
				Phase: engine.Running, Started: startTime, Deleting: true, Reason: "NodeNotReady", Message: "node n-3 does not answer or is not ready",
			},
		}, {
			name: "running, and not ready by its own probe",
			change: []func(*corev1.Pod){
				withPhase(corev1.PodRunning), withCondition(corev1.PodReady, corev1.ConditionFalse, "ContainersNotReady", "unready: [main]"),
				withStatus(MainContainer, runningState()),
			},
			want: engine.Sighting{Phase: engine.Running, Started: startTime},
		}, {
			name:   "running and about to be evicted",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), disrupted("EvictionByEvictionAPI"), withStatus(MainContainer, runningState())},
			want:   engine.Sighting{Phase: engine.Running, Started: startTime, Reason: "EvictionByEvictionAPI", Message: "taken away"},
		}, {
			name:   "state unknown, main last seen running",
			change: []func(*corev1.Pod){withPhase(corev1.PodUnknown), withStatus(MainContainer, runningState())},
			want:   engine.Sighting{Phase: engine.Running, Started: startTime},
		}, {
			name:   "another container running, main not yet",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), withStatus("helper", runningState()), withStatus(MainContainer, waitingState("ContainerCreating", ""))},
			want:   engine.Sighting{Phase: engine.Waiting, Reason: "ContainerCreating", Litter: true},
		}, {
			name:   "main over, sidecar running on",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), withStatus("helper", runningState()), exited(3, "")},
			want: engine.Sighting{Phase: engine.Ended, Started: startTime, Litter: true, End: record.End{
				Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 3", ExitCode: 3,
			}},
		}, {
			name:   "main over, and the phase about to follow",
			change: []func(*corev1.Pod){withPhase(corev1.PodRunning), exited(3, "")},
			want: engine.Sighting{Phase: engine.Ended, Started: startTime, End: record.End{
				Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 3", ExitCode: 3,
			}},
		}, {
			name: "all over, as the kubelet shows it before the pod is",
			change: []func(*corev1.Pod){
				withPhase(corev1.PodRunning), withStatus("helper", exitState(0, "Completed", "")), exited(3, ""), withInit("proxy", runningState(), true),
			},
			want: engine.Sighting{Phase: engine.Ended, Started: startTime, End: record.End{
				Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 3", ExitCode: 3,
			}},
		}, {
			name:   "over, a container never started",
			change: []func(*corev1.Pod){withPhase(corev1.PodFailed), withStatus("helper", waitingState("ErrImagePull", "")), exited(3, "")},
			want: engine.Sighting{Phase: engine.Ended, Started: startTime, End: record.End{
				Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 3", ExitCode: 3,
			}},
		}, {
			name:   "main over, another container waiting for its image",
			change: []func(*corev1.Pod){withPhase(corev1.PodPending), withStatus("helper", waitingState("ErrImagePull", "")), exited(3, "")},
			want: engine.Sighting{Phase: engine.Ended, Started: startTime, Litter: true, End: record.End{
				Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 3", ExitCode: 3,
			}},
		}, {
			name:   "over",
			change: []func(*corev1.Pod){withPhase(corev1.PodFailed), exited(3, "")},
			want: engine.Sighting{Phase: engine.Ended, Started: startTime, End: record.End{
				Outcome: record.Failed, Reason: "ExitCode", Message: "exit code 3", ExitCode: 3,
			}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pod := stepPod("load", 1, tt.change...)
			tt.want.Attempt, tt.want.UID = 1, "load-1"
			if diff := cmp.Diff(tt.want, classify(idOf(pod), pod, nil)); diff != "" {
				t.Errorf("sighting (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClassifyResults(t *testing.T) {
	t.Parallel()
	value := []byte("42")
	result := resultOf("load", value)
	foreign := resultOf("train", value)
	tampered := result
	tampered.Digest = foreign.Digest[:len(foreign.Digest)-1] + "x"
	stored := result
	stored.Inline, stored.Size = false, 1<<40
	earlier := result
	earlier.Attempt, earlier.UID = 7, "another"
	good := reportText(t, record.Report{Result: &result, Value: value})
	for _, tt := range []struct {
		name    string
		change  []func(*corev1.Pod)
		message string
		code    int32
		want    *record.Result
		value   []byte
	}{
		{name: "inline value", message: good, want: &result, value: value},
		{name: "value in the store", message: reportText(t, record.Report{Result: &stored}), want: &stored},
		{name: "recorded", message: reportText(t, record.Report{Result: &result, Recorded: true}), want: &result},
		{name: "recorded, another attempt's stands", message: reportText(t, record.Report{Result: &earlier, Recorded: true}), want: &earlier},
		{name: "a result wins over the exit code", message: good, code: 1, want: &result, value: value},
		{name: "a result wins over an eviction", change: []func(*corev1.Pod){disrupted("EvictionByEvictionAPI"), withReason("Evicted", "")}, message: good, code: 137, want: &result, value: value},
		{name: "another step's", message: reportText(t, record.Report{Result: &foreign, Value: value})},
		{name: "another attempt's, not recorded", message: reportText(t, record.Report{Result: &earlier, Value: value})},
		{name: "another value", message: reportText(t, record.Report{Result: &tampered, Value: value})},
		{name: "longer than any report", message: strings.Repeat(" ", record.MaxReport) + good},
		{name: "neither result nor end", message: "{}"},
		{name: "no report", message: "Segmentation fault"},
		{name: "nothing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pod := stepPod("load", 1, append(tt.change, withPhase(corev1.PodSucceeded), exited(tt.code, tt.message))...)
			got := classify(idOf(pod), pod, nil)
			if diff := cmp.Diff(tt.want, got.Result); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.value, got.Value); diff != "" {
				t.Errorf("value (-want +got):\n%s", diff)
			}
			wantEnd := record.End{}
			if tt.want == nil {
				wantEnd = record.End{Outcome: record.Failed, Reason: "NoResult", Message: "it ended with exit code 0, and left neither a result record nor a report"}
			}
			if diff := cmp.Diff(wantEnd, got.End); diff != "" {
				t.Errorf("end (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClassifyStartOfAContainerThatNeverStarted(t *testing.T) {
	t.Parallel()
	epoch := exitState(128, "StartError", "exec format error")
	epoch.Terminated.StartedAt = metav1.NewTime(time.Unix(0, 0))
	pod := stepPod("load", 1, withPhase(corev1.PodFailed), withStatus(MainContainer, epoch))
	if got := classify(idOf(pod), pod, nil); !got.Started.IsZero() {
		t.Errorf("started %v, want never", got.Started)
	}
}

// FuzzClassify feeds what a container may write into its termination message, and what may stand elsewhere in the pod.
func FuzzClassify(f *testing.F) {
	value := []byte("42")
	result := resultOf("load", value)
	encoded, err := record.Report{Result: &result, Value: value}.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(encoded), int32(0), "Completed", false)
	f.Add(`{"end":{"outcome":"Succeeded","reason":"\u001b[31m"}}`, int32(1), "OOMKilled", false)
	f.Add(`{"end":{"outcome":"Failed","reason":"a b","message":"\u0000"}}`, int32(137), "Error", true)
	f.Fuzz(func(t *testing.T, message string, code int32, reason string, gone bool) {
		pod := stepPod("load", 1, withPhase(corev1.PodFailed), withStatus(MainContainer, exitState(code, reason, message)))
		if gone {
			deleting(pod)
			pod.Status.Reason, pod.Status.Message = reason, message
		}
		got := classify(idOf(pod), pod, nil)
		if r := got.Result; r != nil && (r.Run != "train-7" || r.Step != "load") {
			t.Errorf("took a result of step %q of run %q", r.Step, r.Run)
		}
		if got.Result != nil {
			return
		}
		if got.End.Outcome == "" || got.End.Outcome == record.Succeeded || got.End.Outcome == record.Skipped {
			t.Errorf("outcome %q", got.End.Outcome)
		}
		if word(got.End.Reason, "") == "" {
			t.Errorf("reason %q is no word", got.End.Reason)
		}
		if strings.ContainsAny(got.End.Message, "\x00\x1b") || len(got.End.Message) > 3*record.MaxReport {
			t.Errorf("message %q", got.End.Message)
		}
	})
}
