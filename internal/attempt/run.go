package attempt

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/record"
)

// Run runs the attempt and reports how it ended, whatever the step's function does short of ending the process.
//
// When ctx is cancelled the attempt is being taken away: an error that the function then returns counts as
// [record.Lost]. A value that it returns nevertheless is still brought home, within the grace that is left.
func (w Work) Run(ctx context.Context) record.Report {
	w = w.withDefaults()
	var report record.Report
	if crash := guard(func() { report = w.run(ctx) }); crash != nil {
		report = record.Report{End: crash.end()}
	}
	if report.End != nil {
		report.End.Metadata = w.Metadata.Said()
	}
	w.log(report)
	return report
}

func (w Work) run(ctx context.Context) record.Report {
	home, cancel := outlive(ctx, w.Role.Grace)
	defer cancel()
	report, err := w.produce(ctx, home)
	if err != nil {
		return Fail(ctx, err)
	}
	return report
}

// produce calls the function under ctx, and brings its value home under a context that lasts longer.
func (w Work) produce(ctx, home context.Context) (record.Report, error) {
	hit, cache := w.recall(ctx)
	if hit != nil {
		return w.commit(home, hit.For(w.Role.Run, w.Role.Attempt, w.Role.UID), hit.Value)
	}
	started := w.Now()
	encode, err := w.Func(ctx, w.patientInputs())
	if err != nil {
		return record.Report{}, &stepError{err: err, retryIf: w.RetryIf}
	}
	value, err := w.keep(home, encode)
	if err != nil {
		return record.Report{}, err
	}
	return w.commit(home, record.Result{
		Run: w.Role.Run, Step: w.Role.Step, Attempt: w.Role.Attempt, UID: w.Role.UID,
		Digest: string(value.digest), Size: value.size, Inline: value.inline != nil,
		Started: started, Finished: w.Now(), Cache: cache, Metadata: w.Metadata.Said(),
	}, value.inline)
}

// outlive returns a context that ends shortly before the grace does which begins with the end of ctx, so that a report
// can still be written. The returned function releases it.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace - grace/10)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(context.Cause(ctx))
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel(nil) }
}

func (w Work) log(report record.Report) {
	logger := w.Logger.With(zap.String("run", w.Role.Run), zap.String("step", w.Role.Step), zap.Int("attempt", w.Role.Attempt))
	if end := report.End; end != nil {
		logger.Error("attempt ended without a result", zap.String("outcome", string(end.Outcome)),
			zap.String("reason", end.Reason), zap.String("message", end.Message))
		return
	}
	logger.Debug("attempt succeeded", zap.String("digest", report.Result.Digest), zap.Int64("size", report.Result.Size),
		zap.Bool("recorded", report.Recorded))
}
