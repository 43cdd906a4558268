package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	pipeline "github.com/org/k8sorch"
)

// scope is the name of the tracer, as OpenTelemetry has it: the package that makes the spans.
const scope = "github.com/org/k8sorch/tracing"

// flushTime bounds the sending of spans at the end of one.
const flushTime = 5 * time.Second

// Attributes of the spans.
const (
	// AttributePipeline and AttributeRun name the run, on every span.
	AttributePipeline = attribute.Key("k8sorch.pipeline")
	AttributeRun      = attribute.Key("k8sorch.run")
	// AttributeStep and AttributeAttempt name the attempt, AttributeUID its pod.
	AttributeStep    = attribute.Key("k8sorch.step")
	AttributeAttempt = attribute.Key("k8sorch.attempt")
	AttributeUID     = attribute.Key("k8sorch.uid")
	// AttributeOutcome is how the run or the attempt has ended. A run that is not waited for has none.
	AttributeOutcome = attribute.Key("k8sorch.outcome")
)

// tracing implements [pipeline.Tracing].
type tracing struct {
	provider trace.TracerProvider
	tracer   trace.Tracer
	context  propagation.TraceContext
}

// New returns what [pipeline.WithTracing] takes. Spans are made by the provider, which remains the caller's: whoever made it
// shuts it down.
func New(provider trace.TracerProvider) pipeline.Tracing {
	return tracing{provider: provider, tracer: provider.Tracer(scope)}
}

// StartRun implements [pipeline.Tracing].
func (t tracing) StartRun(ctx context.Context, name, run string) (map[string]string, pipeline.EndSpan) {
	ctx, span := t.tracer.Start(ctx, "run "+name, trace.WithAttributes(AttributePipeline.String(name), AttributeRun.String(run)))
	carrier := propagation.MapCarrier{}
	t.context.Inject(ctx, carrier)
	return carrier, t.end(span)
}

// StartAttempt implements [pipeline.Tracing].
func (t tracing) StartAttempt(ctx context.Context, carrier map[string]string, attempt pipeline.Info) (context.Context, pipeline.EndSpan) {
	ctx = t.context.Extract(ctx, propagation.MapCarrier(carrier))
	ctx, span := t.tracer.Start(ctx, "step "+attempt.Step, trace.WithAttributes(
		AttributePipeline.String(attempt.Pipeline), AttributeRun.String(attempt.Run), AttributeStep.String(attempt.Step),
		AttributeAttempt.Int(attempt.Attempt), AttributeUID.String(attempt.UID),
	))
	return ctx, t.end(span)
}

func (t tracing) end(span trace.Span) pipeline.EndSpan {
	return func(outcome pipeline.Outcome, message string) {
		if outcome != "" {
			span.SetAttributes(AttributeOutcome.String(string(outcome)))
		}
		if outcome != "" && outcome != pipeline.Succeeded {
			span.SetStatus(codes.Error, message)
		}
		span.End()
		t.flush()
	}
}

// flush sends what a provider of the SDK holds back. That of others is nothing to know of; an error is one of the exporter,
// which the SDK's own handler is told of.
func (t tracing) flush() {
	if p, ok := t.provider.(interface{ ForceFlush(ctx context.Context) error }); ok {
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		defer cancel()
		_ = p.ForceFlush(ctx)
	}
}
