package attempt_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

func TestCauseSaysWhatTheRecordSays(t *testing.T) {
	t.Parallel()
	stopped := record.Attempt{UID: "u", End: record.End{Outcome: record.Stopped, Message: "enough"}}
	foreign, failed := stopped, stopped
	foreign.UID, failed.Outcome = "v", record.Failed
	for name, test := range map[string]struct {
		closed *record.Attempt
		err    error
		want   string
		stop   bool
	}{
		"a stop":                 {&stopped, nil, "the process was told to terminate: the run is stopped: enough", true},
		"no record":              {nil, nil, "the process was told to terminate", false},
		"no access":              {nil, errors.New("forbidden"), "the process was told to terminate", false},
		"another pod's":          {&foreign, nil, "the process was told to terminate", false},
		"another end":            {&failed, nil, "the process was told to terminate", false},
		"one that came too late": {&stopped, context.DeadlineExceeded, "the process was told to terminate", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent, term := context.WithCancelCause(t.Context())
			ctx, release := attempt.WithReason(parent, reexec.Role{UID: "u"}, func(context.Context) (*record.Attempt, error) {
				return test.closed, test.err
			})
			defer release()
			term(attempt.ErrTerminated)
			<-ctx.Done()
			cause := context.Cause(ctx)
			if cause.Error() != test.want || !errors.Is(cause, attempt.ErrTerminated) || errors.Is(cause, attempt.ErrStopped) != test.stop {
				t.Errorf("cause = %v, want %q; a stop: %t", cause, test.want, test.stop)
			}
		})
	}
}

func TestSearchForTheReasonLeavesTheGrace(t *testing.T) {
	t.Parallel()
	for grace, most := range map[time.Duration]time.Duration{0: time.Second, time.Hour: time.Second, 2 * time.Second: 100 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			parent, term := context.WithCancelCause(t.Context())
			ctx, release := attempt.WithReason(parent, reexec.Role{Grace: grace}, func(ctx context.Context) (*record.Attempt, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			})
			defer release()
			begun := time.Now()
			term(attempt.ErrTerminated)
			<-ctx.Done()
			if took := time.Since(begun); took != most {
				t.Errorf("with a grace of %s the step heard after %s, want %s", grace, took, most)
			}
		})
	}
}

func TestNobodyAsksWhyAContextEndsThatIsReleased(t *testing.T) {
	t.Parallel()
	parent, end := context.WithCancelCause(t.Context())
	ctx, release := attempt.WithReason(parent, reexec.Role{}, func(context.Context) (*record.Attempt, error) {
		t.Error("the record is read")
		return nil, nil
	})
	end(errors.New("going home"))
	<-ctx.Done()
	if cause := context.Cause(ctx); cause == nil || cause.Error() != "going home" {
		t.Errorf("cause = %v, want the parent's", cause)
	}
	release()
}
