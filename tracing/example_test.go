package tracing_test

import (
	"context"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/tracing"
)

// Main runs in each process of a run, and makes the provider there. Pods send their spans themselves.
func ExampleNew() {
	exporter := tracetest.NewInMemoryExporter() // a program has one that sends, such as that of otlptracehttp
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	o := pipeline.NewOrchestrator(pipeline.Config{}, pipeline.WithTracing(tracing.New(provider)))
	_ = o // o.Run and o.Submit as ever
	_ = provider.Shutdown(context.Background())
	// Output:
}
