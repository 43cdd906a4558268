// Package tracing makes OpenTelemetry spans of runs and of the attempts of their steps: one trace for each run. A program that
// does not import it has nothing of OpenTelemetry in its binary, unless its artifact store has.
//
//	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
//	o := pipeline.NewOrchestrator(config, pipeline.WithTracing(tracing.New(provider)))
//
// The process that submits a run makes the span of the run, "run PIPELINE", and each attempt's process the span of the attempt,
// "step STEP", as a child of it: main runs in all of them, and makes the provider there. A step's function gets a context
// with the attempt's span, so that the spans which it makes itself join the trace. What links the processes is the context of
// the run's span in the form of W3C Trace Context, which travels in the run's plan: pods need no rights and no settings for it.
// Where they are to send their spans is up to the exporter; the variables that it reads, such as OTEL_EXPORTER_OTLP_ENDPOINT, are
// set with the setting Env.
//
// At the end of a span what the provider holds back is sent, for 5 seconds at most, since the process may be about to end.
package tracing
