package tracing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/reexec"
	"github.com/org/k8sorch/tracing"
)

// TestMain is main, too, for the child processes of the runs that the tests make.
func TestMain(m *testing.M) {
	if os.Getenv(reexec.EnvTask) != "" {
		child(os.Args[1])
		return
	}
	goleak.VerifyTestMain(m)
}

// child plays the part of a step, and appends its spans to the file.
func child(file string) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(fileExporter(file)))
	o := pipeline.NewOrchestrator(pipeline.Config{}, pipeline.WithTracing(tracing.New(provider)))
	if err := o.Dispatch(context.Background(), traced(provider)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// fileExporter appends spans to a file.
type fileExporter string

// span is what is kept of a span, in the order of their ends.
type span struct {
	Name, Trace, ID, Parent string
	Attributes              map[string]string
	Failed                  string
}

func kept(s sdktrace.ReadOnlySpan) span {
	k := span{
		Name: s.Name(), Trace: s.SpanContext().TraceID().String(), ID: s.SpanContext().SpanID().String(),
		Parent: s.Parent().SpanID().String(), Attributes: map[string]string{}, Failed: s.Status().Description,
	}
	for _, a := range s.Attributes() {
		k.Attributes[string(a.Key)] = a.Value.String()
	}
	return k
}

func (f fileExporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	file, err := os.OpenFile(string(f), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, s := range spans {
		if err := json.NewEncoder(file).Encode(kept(s)); err != nil {
			return err
		}
	}
	return nil
}

func (f fileExporter) Shutdown(context.Context) error { return nil }
