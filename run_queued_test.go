package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestQueuedStepsAreKnownFromTheOrchestratorsLog reads a log in which one step waits for its quota, one has gone on since, and
// one is said to wait by a line about an earlier attempt.
func TestQueuedStepsAreKnownFromTheOrchestratorsLog(t *testing.T) {
	t.Parallel()
	lines := []string{
		`{"level":"info","msg":"step changed","step":"waits","attempt":0,"state":"Queued","why":"Quota: used: pods=2"}`,
		`{"level":"info","msg":"step changed","step":"began","attempt":0,"state":"Queued","why":"Quota: used: pods=2"}`,
		`{"level":"info","msg":"step changed","step":"began","attempt":1,"state":"Starting"}`,
		`{"level":"info","msg":"step changed","step":"again","attempt":0,"state":"Queued","why":"Quota: of the first attempt"}`,
		`{"level":"warn","msg":"repeating the call","step":"waits"}`,
		`not of the library`,
	}
	run := &Run{Steps: []StepRun{
		{Name: "waits", State: "Ready"}, {Name: "began", State: "Ready"}, {Name: "again", State: "Retrying", Attempts: 1}, {Name: "runs", State: "Running"},
	}}
	g := &glance{tracker: trackerOf(run, nil)}
	g.takeQueued(lines)
	want := []StepRun{
		{Name: "waits", State: "Queued", Why: "Quota: used: pods=2"}, {Name: "began", State: "Ready"},
		{Name: "again", State: "Retrying", Attempts: 1}, {Name: "runs", State: "Running"},
	}
	if diff := cmp.Diff(want, run.Steps, cmp.AllowUnexported(StepRun{})); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}
