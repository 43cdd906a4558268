package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/org/k8sorch"
)

// tale is a run with a bit of everything, one event each second.
func tale() []pipeline.Event {
	step := func(name, state string, attempt int, why string) pipeline.Event {
		return pipeline.Event{Kind: pipeline.StepChanged, Step: name, State: state, Attempt: attempt, Message: why}
	}
	done := func(name string, o pipeline.Outcome, attempt int, why string) pipeline.Event {
		return pipeline.Event{Kind: pipeline.StepChanged, Step: name, State: "Done", Outcome: o, Attempt: attempt, Message: why}
	}
	log := func(name, line string) pipeline.Event {
		return pipeline.Event{Kind: pipeline.LogLine, Step: name, Attempt: 1, Message: line}
	}
	upload := func(message string, done, total int64) pipeline.Event {
		return pipeline.Event{Kind: pipeline.Transfer, Message: message, Done: done, Total: total}
	}
	events := []pipeline.Event{
		upload("checking registry/train", 0, 0),
		upload("pushing registry/train", 0, 9_300_000),
		upload("pushing registry/train", 1_000_000, 9_300_000),
		upload("pushing registry/train", 2_000_000, 9_300_000),
		upload("pushing registry/train", 3_000_000, 9_300_000),
		upload("pushing registry/train", 4_000_000, 9_300_000),
		upload("pushing registry/train", 5_000_000, 9_300_000),
		upload("done registry/train@sha256:1234", 0, 0),
		{Kind: pipeline.Notice, Message: "submitted as run train-1 to namespace ml"},
		step("load", "Ready", 0, ""), step("train-knn", "Pending", 0, ""), step("report", "Pending", 0, ""), step("notify", "Ready", 0, ""),
		step("load", "Starting", 1, ""), step("load", "Waiting", 1, "Pending"), step("load", "Waiting", 1, "ContainerCreating"),
		step("load", "Running", 1, ""), step("notify", "Waiting", 1, "Unschedulable: 0/3 nodes are available"),
		log("load", `{"level":"info","ts":"2026-11-23T12:00:00Z","msg":"rows loaded","run":"train-1","step":"load","rows":344}`),
		log("load", "\x1b[31mplain\x1b[0m text"),
		done("load", pipeline.Succeeded, 1, ""),
		step("notify", "Waiting", 1, "Unschedulable: 0/3 nodes are available"),
		step("notify", "Waiting", 1, "Unschedulable: 0/4 nodes are available"),
		step("train-knn", "Running", 1, ""), step("train-knn", "Ending", 1, ""), step("train-knn", "Retrying", 1, "attempt 1 ended as Failed"),
		step("train-knn", "Starting", 2, "cannot start attempt 2: the API server cannot be reached"),
		step("train-knn", "Running", 2, ""), step("notify", "Queued", 1, ""),
		done("train-knn", pipeline.Failed, 2, "exploding: too many neighbours\ngoroutine 1 [running]"),
		done("report", pipeline.Skipped, 0, `step "train-knn" did not succeed`),
		done("notify", pipeline.NotStarted, 1, "it did not start within 10m0s"),
	}
	for i := range events {
		events[i].Run, events[i].Time = "train-1", noon.Add(time.Duration(i)*time.Second)
	}
	return events
}

func TestLines(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]style{"lines.golden": {}, "lines-coloured.golden": {colours: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			v := newLineView(&out, s)
			for _, e := range tale() {
				v.event(e)
			}
			v.close()
			v.event(pipeline.Event{Kind: pipeline.Notice, Message: "too late"})
			golden(t, name, out.String())
		})
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second:                          "0s",
		34 * time.Millisecond:                 "34ms",
		1999 * time.Millisecond:               "1.9s",
		12*time.Second + 999*time.Millisecond: "12s",
		3*time.Minute + 5*time.Second:         "3m05s",
		26*time.Hour + 59*time.Second:         "26h00m",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%d) = %q, want %q", d, got, want)
		}
	}
}
