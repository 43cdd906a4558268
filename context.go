package pipeline

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/progress"
)

// Info is what a step can know about the attempt it runs in.
type Info struct {
	// Run and Pipeline name the run, Step the step or hook.
	Run, Pipeline, Step string
	// Attempt counts the step's attempts in this run, from 1.
	Attempt int
	// UID identifies this very attempt: its pod's UID on Kubernetes. With Run, Step and Attempt it makes a key under
	// which a step that acts on the outside world can tell whether it has done so already.
	UID string
}

type (
	infoKey      struct{}
	loggerKey    struct{}
	scheduledKey struct{}
	progressKey  struct{}
)

// AttemptInfo returns what is known about the attempt that ctx belongs to. Outside of a step it is zero.
func AttemptInfo(ctx context.Context) Info {
	info, _ := ctx.Value(infoKey{}).(Info)
	return info
}

// Logger returns the logger of the attempt that ctx belongs to: it writes JSON lines to standard error, each with the
// run, the step and the attempt. Outside of a step it is silent.
func Logger(ctx context.Context) *zap.Logger {
	if logger, ok := ctx.Value(loggerKey{}).(*zap.Logger); ok {
		return logger
	}
	return zap.NewNop()
}

// Progress tells those who follow the run how much of the step that ctx belongs to is done, as a fraction from 0 to 1, and
// what it is doing, in at most 256 bytes. It may be called as often as is convenient, from any goroutine: what is said within a
// second of the last word replaces what waits to be said. Outside of a step it does nothing.
//
// It is written to the step's log, and whoever follows that sees it as an [Event] of the kind [StepProgress]: it takes no
// rights and no calls of the step. It is for people, and decides nothing.
func Progress(ctx context.Context, fraction float64, message string) {
	if r, ok := ctx.Value(progressKey{}).(*progress.Reporter); ok {
		r.Report(fraction, message)
	}
}

// withProgress returns a context in which [Progress] writes to the attempt's log until the returned function is called.
func withProgress(ctx context.Context, info Info) (context.Context, func()) {
	r := progress.NewReporter(progress.Output(ctx), info.Run, info.Step, info.Attempt)
	return context.WithValue(ctx, progressKey{}, r), r.Close
}

// attemptContext returns the context of a step's function.
func attemptContext(ctx context.Context, info Info, scheduled time.Time, logger *zap.Logger) context.Context {
	ctx = context.WithValue(ctx, infoKey{}, info)
	ctx = context.WithValue(ctx, scheduledKey{}, scheduled)
	return context.WithValue(ctx, loggerKey{}, logger.With(
		zap.String("run", info.Run), zap.String("pipeline", info.Pipeline), zap.String("step", info.Step), zap.Int("attempt", info.Attempt),
	))
}
