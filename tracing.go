package pipeline

import (
	"context"
	"sync"

	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// Tracing makes spans of runs and of the attempts of their steps. The package tracing has one for OpenTelemetry.
type Tracing interface {
	// StartRun begins the span of a run that is about to be submitted, as a child of the one that ctx has, and returns what
	// makes spans in other processes its children: a few short texts, which become part of the run's plan and are no secret.
	// End is called once.
	StartRun(ctx context.Context, pipeline, run string) (carrier map[string]string, end EndSpan)
	// StartScheduledRun is StartRun in the process of the orchestrator, for a run that a schedule has begun and that has no client.
	// Seed is a text that the run shares with none, on no cluster, and all its orchestrators have: the trace's id follows from it,
	// so that one that takes over goes on with the trace.
	StartScheduledRun(ctx context.Context, pipeline, run, seed string) (carrier map[string]string, end EndSpan)
	// StartAttempt begins the span of an attempt in the process that runs it, as a child of that of the run; the carrier is
	// nil for a run that was submitted without. The function of the step gets the context that it returns. End is called
	// once, as the last thing before the process ends: what is not sent by then is lost.
	StartAttempt(ctx context.Context, carrier map[string]string, attempt Info) (inner context.Context, end EndSpan)
}

// EndSpan ends a span. The outcome is empty for a run of which it is not known; the message says how it ended otherwise than
// [Succeeded].
type EndSpan func(outcome Outcome, message string)

// WithTracing makes spans of runs and attempts. The process that submits a run makes the run's span, which ends with the wait
// for the run, at once where the run is not waited for; that of a run that a schedule has begun is made by the run's
// orchestrator, one for each that there is; each attempt's process makes that of the attempt. Main must give this option in
// all of them, as it does when it makes the orchestrator the same way each time.
func WithTracing(t Tracing) Option {
	return option(func(o *Orchestrator) { o.tracing = t })
}

// runTrace is the span of a run. That of a run that is not traced is the zero one.
type runTrace struct {
	carrier map[string]string
	once    sync.Once
	end     EndSpan
}

// over ends the span, unless that was done before.
func (t *runTrace) over(outcome Outcome, message string) {
	if t.end != nil {
		t.once.Do(func() { t.end(outcome, message) })
	}
}

// startScheduled begins the span of a run that a schedule has begun, where the orchestrator makes any, and returns the carrier.
func (t *runTrace) startScheduled(ctx context.Context, tracing Tracing, role reexec.Role) map[string]string {
	if tracing != nil {
		t.carrier, t.end = tracing.StartScheduledRun(ctx, role.Pipeline, role.Run, role.JobUID)
	}
	return t.carrier
}

// inTrace begins the run within a span of its own.
func (s *submission) inTrace(ctx context.Context, begin func(context.Context) (*Handle, error)) (*Handle, error) {
	if s.tracing != nil {
		s.trace.carrier, s.trace.end = s.tracing.StartRun(ctx, s.design.name, s.run)
	}
	h, err := begin(ctx)
	switch {
	case err != nil:
		s.trace.over(Failed, err.Error())
	case h.detached != nil:
		s.trace.over("", "")
	}
	return h, err
}

// attemptSpan is the span of the attempt that this process runs, once there is one.
type attemptSpan struct{ end EndSpan }

// start begins the span, where the orchestrator makes any, and returns the context of the step's function.
func (a *attemptSpan) start(ctx context.Context, tracing Tracing, carrier map[string]string, info Info) context.Context {
	if tracing != nil {
		ctx, a.end = tracing.StartAttempt(ctx, carrier, info)
	}
	return ctx
}

// over ends the span as the attempt has ended.
func (a *attemptSpan) over(report record.Report) {
	switch {
	case a.end == nil:
	case report.End != nil:
		a.end(report.End.Outcome, report.End.Message)
	default:
		a.end(Succeeded, "")
	}
}
