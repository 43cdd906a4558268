package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/org/k8sorch"
)

func TestRunTable(t *testing.T) {
	t.Parallel()
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	runs := []pipeline.RunInfo{
		{ID: "train-3", State: pipeline.RunRunning, Submitted: at(50)},
		{ID: "train-2b", State: pipeline.RunDone, Outcome: pipeline.Failed, Message: "Job has\x1b[31m failed\nmore", Submitted: at(20), Finished: at(25)},
		{ID: "train-1", State: pipeline.RunDone, Outcome: pipeline.Succeeded, Submitted: at(-3000), Finished: at(-2900)},
		{ID: "train-0", State: pipeline.RunUnreadable, Message: "it has version 1", Submitted: at(-6000)},
	}
	var b strings.Builder
	if err := runTable(runs, at(60)).print(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "list.golden", b.String())
}

func TestStatusOfARun(t *testing.T) {
	t.Parallel()
	run := &pipeline.Run{
		ID: "train-1", Pipeline: "train", State: pipeline.RunStopping, Message: "wrong data", Submitted: noon,
		Steps: []pipeline.StepRun{
			{Name: "load", Outcome: pipeline.Succeeded, Attempts: 2, Started: noon, Finished: noon.Add(90 * time.Second)},
			{Name: "fit", State: "Running", Attempts: 1, Started: noon.Add(100 * time.Second)},
			{Name: "tune", State: "Waiting", Why: "Unschedulable: 0/3 nodes are available", Attempts: 1},
			{Name: "plot", State: "Pending"},
			{Name: "check", Outcome: pipeline.Failed, Reason: "Error", Message: "no rows", Attempts: 1, Started: noon, Finished: noon.Add(time.Second)},
		},
	}
	var b strings.Builder
	if err := printStatus(&b, run, noon.Add(5*time.Minute)); err != nil {
		t.Fatal(err)
	}
	golden(t, "status.golden", b.String())
}

func TestChecksTable(t *testing.T) {
	t.Parallel()
	checks := []pipeline.Check{
		{Name: "cluster", Result: pipeline.CheckOK, Message: "Kubernetes v1.37.0"},
		{Name: "rights", Result: pipeline.CheckFail, Message: "you may not create jobs", Remedy: "ask for it"},
		{Name: "artifacts", Result: pipeline.CheckWarn, Message: "not looked at"},
	}
	var b strings.Builder
	if err := printChecks(&b, checks); err != nil {
		t.Fatal(err)
	}
	golden(t, "doctor.golden", b.String())
}
