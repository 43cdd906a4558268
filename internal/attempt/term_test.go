//go:build unix

package attempt_test

import (
	"context"
	"errors"
	"syscall"
	"testing"

	"github.com/org/k8sorch/internal/attempt"
)

func TestNotifyTermEndsTheContextWithItsCause(t *testing.T) {
	ctx, stop := attempt.NotifyTerm(t.Context())
	defer stop()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, attempt.ErrTerminated) {
		t.Errorf("cause = %v, want ErrTerminated", cause)
	}
}

func TestNotifyTermIsReleased(t *testing.T) {
	ctx, stop := attempt.NotifyTerm(t.Context())
	stop()
	<-ctx.Done()
	if errors.Is(context.Cause(ctx), attempt.ErrTerminated) {
		t.Error("the context's cause says that the process was told to terminate")
	}
}
