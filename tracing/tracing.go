package tracing

import (
	"context"
	"crypto/sha256"
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
	ctx, end := t.start(ctx, "run "+name, AttributePipeline.String(name), AttributeRun.String(run))
	carrier := propagation.MapCarrier{}
	t.context.Inject(ctx, carrier)
	return carrier, end
}

// StartScheduledRun implements [pipeline.Tracing]. The span has no parent, but is told the id of its trace, which the SDK takes
// from its context also where there is no span.
func (t tracing) StartScheduledRun(ctx context.Context, name, run, seed string) (map[string]string, pipeline.EndSpan) {
	sum := sha256.Sum256([]byte(run + "/" + seed))
	of := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID(sum[:16])})
	return t.StartRun(trace.ContextWithSpanContext(ctx, of), name, run)
}

// StartAttempt implements [pipeline.Tracing].
func (t tracing) StartAttempt(ctx context.Context, carrier map[string]string, attempt pipeline.Info) (context.Context, pipeline.EndSpan) {
	return t.start(t.context.Extract(ctx, propagation.MapCarrier(carrier)), "step "+attempt.Step,
		AttributePipeline.String(attempt.Pipeline), AttributeRun.String(attempt.Run), AttributeStep.String(attempt.Step),
		AttributeAttempt.Int(attempt.Attempt), AttributeUID.String(attempt.UID))
}

// start begins a span, and returns what ends it.
func (t tracing) start(ctx context.Context, name string, attributes ...attribute.KeyValue) (context.Context, pipeline.EndSpan) {
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(attributes...)) //nolint:spancheck // what is returned ends it
	return ctx, t.ending(span)                                                  //nolint:spancheck // see above
}

// ending returns what ends a span.
func (t tracing) ending(span trace.Span) pipeline.EndSpan {
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

// flusher is a provider that holds spans back until there are enough of them, such as that of the SDK.
type flusher interface {
	ForceFlush(ctx context.Context) error
}

// flush sends what the provider holds back. An error is one of the exporter, of which the SDK tells its own handler.
func (t tracing) flush() {
	if p, ok := t.provider.(flusher); ok {
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		defer cancel()
		_ = p.ForceFlush(ctx)
	}
}
