package pipeline

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

func TestOrchestratorsWarningsAreToldOnce(t *testing.T) {
	t.Parallel()
	var told []string
	tap := troubleTap{run: &clusterRun{tracker: &tracker{run: &Run{}, events: func(e Event) { told = append(told, e.Message) }}}}
	for _, line := range []string{
		`{"level":"info","msg":"step changed","step":"load"}`,
		`{"level":"warn","msg":"repeating the call","after":0.2,"error":"pods is forbidden"}`,
		`{"level":"warn","msg":"repeating the call","after":0.4,"error":"pods is forbidden"}`,
		`{"level":"warn","msg":"cannot watch the run"}`,
		`{"level":"error","msg":"the orchestrator ends with an error","error":"the run ended as Failed"}`,
		`a line that some library has printed`,
		`3`,
	} {
		tap.line("pod", line)
	}
	want := []string{
		"the orchestrator says: repeating the call: pods is forbidden",
		"the orchestrator says: cannot watch the run",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

func TestWhyTheOrchestratorDoesNotRunIsToldOnce(t *testing.T) {
	t.Parallel()
	var told []string
	run := &clusterRun{tracker: &tracker{run: &Run{}, events: func(e Event) { told = append(told, e.Message) }}}
	pending := kube.OrchestratorState{Pod: "o", Phase: corev1.PodPending, Reason: "Unschedulable", Message: "0/3 nodes are available"}
	tell := run.tellOrchestrator()
	for _, s := range []kube.JobState{
		{Exists: true, Suspended: true}, {Exists: true, Suspended: true, StopReason: "enough"}, {Exists: true},
		{Exists: true, Orchestrator: pending}, {Exists: true, Orchestrator: pending, StopReason: "enough"},
		{Exists: true, Orchestrator: kube.OrchestratorState{Pod: "o", Phase: corev1.PodRunning}},
		{Exists: true, Suspended: true}, {Exists: true, Suspended: true, Finished: batchv1.JobFailed},
	} {
		tell(s)
	}
	const suspended = "the orchestrator is waiting: its Job is suspended, as a queue keeps it until the run's turn has come"
	want := []string{suspended, "the orchestrator is waiting: Unschedulable: 0/3 nodes are available", suspended}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
}

// TestStepsInAQueueAreToldOfOnce reads of steps for which there is nothing on the cluster yet. One that has gone on since,
// or of which the cluster tells, is not taken back; what is read too early is told when it is read again.
func TestStepsInAQueueAreToldOfOnce(t *testing.T) {
	t.Parallel()
	var told []Event
	tr := &tracker{run: &Run{ID: "r"}, last: map[string]Event{}, events: func(e Event) {
		e.Time = time.Time{}
		told = append(told, e)
	}}
	for _, st := range []engine.Status{
		{Step: "first", State: engine.Ready},
		{Step: "again", State: engine.Retrying, Attempt: 1},
		{Step: "runs", State: engine.State(engine.Running), Attempt: 1},
		{Step: "gated", State: engine.State(engine.Queued), Attempt: 1},
	} {
		tr.status(st)
	}
	tap := troubleTap{run: &clusterRun{tracker: tr}, queued: map[string]string{}}
	tap.line("pod", `{"level":"info","msg":"step changed","step":"early","attempt":0,"state":"Queued","why":"Quota: used: pods=2"}`)
	tr.status(engine.Status{Step: "early", State: engine.Ready})
	told = nil
	for _, line := range []string{
		`{"level":"info","msg":"step changed","step":"early","attempt":0,"state":"Queued","why":"Quota: used: pods=2"}`,
		`{"level":"info","msg":"step changed","step":"first","attempt":0,"state":"Queued","why":"Quota: used: pods=2"}`,
		`{"level":"info","msg":"step changed","step":"first","attempt":0,"state":"Starting"}`,
		`{"level":"info","msg":"step changed","step":"first","attempt":0,"state":"Queued","why":"Quota: used: pods=2"}`,
		`{"level":"info","msg":"step changed","step":"again","attempt":0,"state":"Queued","why":"Quota: of the first attempt"}`,
		`{"level":"info","msg":"step changed","step":"again","attempt":1,"state":"Queued","why":"Quota: of the second attempt"}`,
		`{"level":"info","msg":"step changed","step":"runs","attempt":0,"state":"Queued","why":"Quota: used: pods=2"}`,
		`{"level":"info","msg":"step changed","step":"gated","attempt":1,"state":"Queued","why":"SchedulingGated"}`,
	} {
		tap.line("pod", line)
	}
	want := []Event{
		{Kind: StepChanged, Run: "r", Step: "early", Attempt: 1, State: "Queued", Message: "Quota: used: pods=2"},
		{Kind: StepChanged, Run: "r", Step: "first", Attempt: 1, State: "Queued", Message: "Quota: used: pods=2"},
		{Kind: StepChanged, Run: "r", Step: "again", Attempt: 2, State: "Queued", Message: "Quota: of the second attempt"},
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}
