package cli

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/org/k8sorch"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	ran := func(name string, o pipeline.Outcome, attempts int, reason, message string, log ...string) pipeline.StepRun {
		return pipeline.StepRun{
			Name: name, Outcome: o, Attempts: attempts, Reason: reason, Message: message, Log: log,
			Started: noon, Finished: noon.Add(time.Duration(len(name)) * 700 * time.Millisecond),
		}
	}
	skipped := pipeline.StepRun{Name: "report", Outcome: pipeline.Skipped, Message: `step "train" did not succeed`}
	wide := func(o pipeline.Outcome) (steps []pipeline.StepRun) {
		for i := range 50 {
			steps = append(steps, ran(fmt.Sprintf("good-%d", i), pipeline.Succeeded, 1, "", ""))
			if i < 12 {
				steps = append(steps, ran(fmt.Sprintf("bad-%d", i), o, 1, "Error", "no luck"))
			}
		}
		return steps
	}
	tests := []struct {
		name    string
		outcome pipeline.Outcome
		style   style
		steps   []pipeline.StepRun
		hooks   []pipeline.StepRun
	}{
		{"succeeded", pipeline.Succeeded, style{}, []pipeline.StepRun{
			ran("load", pipeline.Succeeded, 1, "", ""), ran("train", pipeline.Succeeded, 3, "", "")}, nil},
		{"failed", pipeline.Failed, style{}, []pipeline.StepRun{
			ran("load", pipeline.Succeeded, 1, "", ""),
			ran("train", pipeline.Failed, 2, "Panic", "index out of range\n\ngoroutine 1 [running]:\n\tmain.train()", "loading", `{"level":"info","msg":"trained","rows":3}`),
			ran("fetch", pipeline.NotStarted, 1, "ImagePullBackOff", "no such image"),
			skipped}, nil},
		{"coloured", pipeline.Stopped, style{colours: true}, []pipeline.StepRun{
			ran("load", pipeline.Lost, 4, "Evicted", "the node was low on memory", "loading"),
			{Name: "train", Outcome: pipeline.Stopped}, {Name: "late"}, skipped}, nil},
		{"cached", pipeline.Succeeded, style{}, []pipeline.StepRun{
			{Name: "load", Outcome: pipeline.Succeeded, Cached: &pipeline.CachedValue{Run: "train-0", Made: noon}},
			{Name: "train", Outcome: pipeline.Succeeded, Attempts: 1, Started: noon, Finished: noon.Add(2 * time.Second), CacheMiss: "version changed"}}, nil},
		{"said", pipeline.Succeeded, style{}, []pipeline.StepRun{
			{Name: "load", Outcome: pipeline.Succeeded, Attempts: 2, Metadata: map[string]string{"source": "s3://bucket/\x1b[2Jrows", "as of": "2026-11-25"}},
			{Name: "train", Outcome: pipeline.Succeeded, Attempts: 1, Metrics: map[string]float64{"loss": 1e-9, "accuracy": 0.93333333},
				Metadata: map[string]string{"model": "knn"}, MetadataDropped: 2},
			{Name: "long", Outcome: pipeline.Succeeded, Attempts: 1, Metadata: map[string]string{"text": strings.Repeat("long ", 40)}}}, nil},
		{"wide", pipeline.Failed, style{}, wide(pipeline.Failed), nil},
		{"hooks", pipeline.Succeeded, style{}, []pipeline.StepRun{ran("load", pipeline.Succeeded, 1, "", "")}, []pipeline.StepRun{
			ran("clean", pipeline.Succeeded, 1, "", ""),
			ran("notify", pipeline.Failed, 3, "Error", "no such channel", "calling"),
			{Name: "publish"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			run := &pipeline.Run{
				ID: "train-1", Pipeline: "train", Outcome: test.outcome, Submitted: noon, Finished: noon.Add(65 * time.Second), Steps: test.steps, Hooks: test.hooks,
			}
			var out bytes.Buffer
			summary{run: run, style: test.style, cleaner: newCleaner()}.print(&out)
			golden(t, "summary-"+test.name+".golden", out.String())
		})
	}
}
