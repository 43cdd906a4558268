package tracing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
	"github.com/org/k8sorch/tracing"
)

// scheduled is a cluster with a schedule, and the spans that its pods make.
type scheduled struct {
	*k8sorchtest.Cluster
	pipeline *pipeline.Pipeline
	tracing  pipeline.Tracing
	recorder stepEnds
}

// stepEnds is a recorder that tells of the ends of steps' spans.
type stepEnds struct {
	*tracetest.SpanRecorder
	steps chan struct{}
}

func (r stepEnds) OnEnd(s sdktrace.ReadOnlySpan) {
	r.SpanRecorder.OnEnd(s)
	if strings.HasPrefix(s.Name(), "step ") {
		r.steps <- struct{}{}
	}
}

func newScheduled(t *testing.T, fit func(context.Context) (int, error)) *scheduled {
	t.Helper()
	s := &scheduled{pipeline: pipeline.New("train").Step(pipeline.Func0("fit", fit))}
	s.recorder = stepEnds{tracetest.NewSpanRecorder(), make(chan struct{}, 1)}
	s.tracing = tracing.New(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(s.recorder)))
	s.Cluster = k8sorchtest.New(t, s.pipeline)
	s.InPods(pipeline.WithTracing(s.tracing))
	if _, err := s.Orchestrator().Schedule(s.Context(t.Context()), s.pipeline, pipeline.Schedule{Cron: "@daily"}); err != nil {
		t.Fatal(err)
	}
	return s
}

func one(context.Context) (int, error) { return 1, nil }

// fire returns the name of a firing's run, which has begun.
func (s *scheduled) fire() string {
	return s.Fire("train", time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC))
}

// await waits for a run and returns the spans by their names.
func (s *scheduled) await(t *testing.T, run string) map[string][]span {
	t.Helper()
	if outcome := s.Await(t.Context(), run); outcome != pipeline.Succeeded {
		t.Fatalf("run %s ended as %s", run, outcome)
	}
	// A run is over with the record of its last step, whose process ends its span after that.
	select {
	case <-s.recorder.steps:
	case <-time.After(10 * time.Second):
		t.Fatal("the span of the step has no end")
	}
	spans := map[string][]span{}
	for _, ended := range s.recorder.Ended() {
		spans[ended.Name()] = append(spans[ended.Name()], kept(ended))
	}
	return spans
}

const noParent = "0000000000000000"

func TestScheduledRunIsOneTrace(t *testing.T) {
	t.Parallel()
	s := newScheduled(t, one)
	run := s.fire()
	spans := s.await(t, run)
	if len(spans["run train"]) != 1 || len(spans["step fit"]) != 1 {
		t.Fatalf("the pods have made the spans %+v, want one of the run and one of the step", spans)
	}
	root, step := spans["run train"][0], spans["step fit"][0]
	want := span{
		Name: "run train", Trace: root.Trace, ID: root.ID, Parent: noParent,
		Attributes: map[string]string{"k8sorch.pipeline": "train", "k8sorch.run": run, "k8sorch.outcome": "Succeeded"},
	}
	if diff := cmp.Diff(want, root); diff != "" {
		t.Errorf("the run's span (-want +got):\n%s", diff)
	}
	if step.Trace != root.Trace || step.Parent != root.ID {
		t.Errorf("the step's span %+v is no child of that of the run, %+v", step, root)
	}
}

// An orchestrator that takes over goes on with the trace of the one before it, whose span the attempts have as their parent.
func TestTraceOfAScheduledRunOutlivesItsOrchestrator(t *testing.T) {
	t.Parallel()
	running, release := make(chan struct{}), make(chan struct{})
	s := newScheduled(t, func(context.Context) (int, error) {
		close(running)
		<-release
		return 1, nil
	})
	run := s.fire()
	<-running
	s.KillOrchestrator()
	close(release)
	spans := s.await(t, run)
	if len(spans["run train"]) != 2 || len(spans["step fit"]) != 1 {
		t.Fatalf("the pods have made the spans %+v, want one of each orchestrator and one of the step", spans)
	}
	first, second, step := spans["run train"][0], spans["run train"][1], spans["step fit"][0]
	if first.Trace != second.Trace || first.Trace != step.Trace || step.Parent != first.ID {
		t.Errorf("the spans are of the traces %s, %s and %s, want one; the step's has the parent %s, want %s",
			first.Trace, second.Trace, step.Trace, step.Parent, first.ID)
	}
	if _, told := first.Attributes["k8sorch.outcome"]; told || second.Attributes["k8sorch.outcome"] != "Succeeded" {
		t.Errorf("the outcomes are %v and %v, want none of the orchestrator that was killed", first.Attributes, second.Attributes)
	}
}

func TestTracesOfScheduledRunsDiffer(t *testing.T) {
	t.Parallel()
	_, recorder, provider := client(t, "")
	traced := tracing.New(provider)
	for _, of := range []struct{ run, seed string }{{"train-1", "a"}, {"train-1", "b"}, {"train-2", "a"}, {"train-1", "a"}} {
		_, end := traced.StartScheduledRun(t.Context(), "train", of.run, of.seed)
		end("", "")
	}
	var traces []string
	for _, ended := range recorder.Ended() {
		traces = append(traces, kept(ended).Trace)
	}
	if len(traces) != 4 || traces[0] == traces[1] || traces[0] == traces[2] || traces[1] == traces[2] || traces[0] != traces[3] {
		t.Errorf("the traces are %v; want three, and the first once more", traces)
	}
}

// Whoever triggers a run has its span, as whoever submits one.
func TestTriggeredRunIsInTheTraceOfWhoTriggersIt(t *testing.T) {
	t.Parallel()
	s := newScheduled(t, one)
	h, err := s.Orchestrator(pipeline.WithTracing(s.tracing)).TriggerSchedule(t.Context(), s.pipeline, "train")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	spans := s.await(t, h.ID)
	if len(spans["run train"]) != 1 || len(spans["step fit"]) != 1 {
		t.Fatalf("there are the spans %+v, want one of the run and one of the step", spans)
	}
	if root, step := spans["run train"][0], spans["step fit"][0]; step.Trace != root.Trace || step.Parent != root.ID {
		t.Errorf("the step's span %+v is no child of that of the run, %+v", step, root)
	}
}

// A run that somebody has triggered who traces nothing is in no trace, whichever process makes its plan first.
func TestTriggeredRunOfWhoTracesNothing(t *testing.T) {
	t.Parallel()
	s := newScheduled(t, one)
	h, err := s.Orchestrator().TriggerSchedule(s.Context(t.Context()), s.pipeline, "train")
	if err != nil {
		t.Fatal(err)
	}
	spans := s.await(t, h.ID)
	if len(spans["run train"]) != 0 || len(spans["step fit"]) != 1 || spans["step fit"][0].Parent != noParent {
		t.Errorf("spans %+v, want one of the step alone", spans)
	}
}
