package tracing_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/tracing"
)

// traced returns a pipeline whose step makes a span of its own, and succeeds at its second attempt.
func traced(provider trace.TracerProvider) *pipeline.Pipeline {
	fit := pipeline.Func0("fit", func(ctx context.Context) (int, error) {
		_, own := provider.Tracer("user").Start(ctx, "epoch")
		own.End()
		if pipeline.AttemptInfo(ctx).Attempt == 1 {
			return 0, errors.New("once more")
		}
		return 1, nil
	}).Retry(pipeline.Retry{MaxRetries: 1})
	return pipeline.New("train").Step(fit)
}

// client returns an orchestrator whose runs are child processes that append their spans to the file, and its own spans.
func client(t *testing.T, file string) (*pipeline.Orchestrator, *tracetest.SpanRecorder, trace.TracerProvider) {
	t.Helper()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	o := pipeline.NewOrchestrator(pipeline.Config{Args: []string{file}, Dir: t.TempDir()}, pipeline.WithTracing(tracing.New(provider)))
	return o, recorder, provider
}

func read(t *testing.T, file string) (spans []span) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(bytes.NewReader(b)); ; {
		var s span
		if err := d.Decode(&s); errors.Is(err, io.EOF) {
			return spans
		} else if err != nil {
			t.Fatal(err)
		}
		spans = append(spans, s)
	}
}

func TestRunIsOneTrace(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "spans")
	o, recorder, provider := client(t, file)
	ctx, outer := provider.Tracer("user").Start(t.Context(), "request")
	run, err := o.Run(ctx, traced(provider))
	if err != nil {
		t.Fatal(err)
	}
	ended := recorder.Ended()
	if len(ended) != 1 {
		t.Fatalf("the client has made %d spans, want one", len(ended))
	}
	root := kept(ended[0])
	want := span{
		Name: "run train", Trace: outer.SpanContext().TraceID().String(), ID: root.ID, Parent: outer.SpanContext().SpanID().String(),
		Attributes: map[string]string{"k8sorch.pipeline": "train", "k8sorch.run": run.ID, "k8sorch.outcome": "Succeeded"},
	}
	if diff := cmp.Diff(want, root); diff != "" {
		t.Errorf("the run's span (-want +got):\n%s", diff)
	}
	checkAttempts(t, read(t, file), root, run.ID)
}

// checkAttempts looks at the spans of two attempts and at those that the step has made itself.
func checkAttempts(t *testing.T, got []span, root span, run string) {
	t.Helper()
	var want []span
	for i, end := range []struct{ number, outcome, failed string }{{"1", "Failed", "once more"}, {"2", "Succeeded", ""}} {
		if len(got) != 4 {
			t.Fatalf("steps have made %d spans, want 4: %+v", len(got), got)
		}
		own, attempt := got[2*i], got[2*i+1]
		want = append(want, span{Name: "epoch", Trace: root.Trace, ID: own.ID, Parent: attempt.ID, Attributes: map[string]string{}}, span{
			Name: "step fit", Trace: root.Trace, ID: attempt.ID, Parent: root.ID, Failed: end.failed,
			Attributes: map[string]string{
				"k8sorch.pipeline": "train", "k8sorch.run": run, "k8sorch.step": "fit", "k8sorch.attempt": end.number,
				"k8sorch.uid": attempt.Attributes["k8sorch.uid"], "k8sorch.outcome": end.outcome,
			},
		})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the steps' spans (-want +got):\n%s", diff)
	}
}

func TestRunThatCannotBeSubmittedHasASpan(t *testing.T) {
	t.Parallel()
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	o := pipeline.NewOrchestrator(pipeline.Config{Kubeconfig: filepath.Join(t.TempDir(), "none")}, pipeline.WithTracing(tracing.New(provider)))
	if _, err := o.Run(t.Context(), traced(provider)); err == nil {
		t.Fatal("the run was submitted")
	}
	ended := recorder.Ended()
	if len(ended) != 1 {
		t.Fatalf("%d spans, want one", len(ended))
	}
	if s := kept(ended[0]); s.Name != "run train" || s.Attributes["k8sorch.outcome"] != "Failed" || s.Failed == "" {
		t.Errorf("span %+v", s)
	}
}
