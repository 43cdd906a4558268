package attempt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// NotifyTerm returns a context that ends with the cause [ErrTerminated] when this process is sent SIGTERM, which no
// longer kills it. The returned function gives the signal back its usual effect and ends the context.
//
// Signals of a process that plays several roles ([reexec.NewContext]) are meant for none of them, and left alone.
func NotifyTerm(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := reexec.FromContext(ctx); ok {
		return context.WithCancel(ctx)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	go func() {
		select {
		case <-term:
			cancel(ErrTerminated)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(term)
		cancel(nil)
	}
}

// ReadClosed returns the record of the present attempt, as far as it has one while it still runs; nil where it has none.
type ReadClosed func(ctx context.Context) (*record.Attempt, error)

// maxLookup bounds the search for the reason why a process was told to terminate. It takes time from the step's grace.
const maxLookup = time.Second

// WithReason returns a context that ends when ctx does. When that is because the process was told to terminate, the cause
// says whether the attempt was stopped: its record is made before its process is told (see the package engine). The signal
// itself tells nothing, so that a process which finds no record, or cannot read any, does not know. The returned function
// ends the context.
func WithReason(ctx context.Context, role reexec.Role, read ReadClosed) (context.Context, context.CancelFunc) {
	explained, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	release := context.AfterFunc(ctx, func() {
		cause := context.Cause(ctx)
		if errors.Is(cause, ErrTerminated) {
			cause = reasonOf(explained, cause, role, read)
		}
		cancel(cause)
	})
	return explained, func() {
		release()
		cancel(nil)
	}
}

// reasonOf returns the cause, with the reason of the stop where there is one.
func reasonOf(ctx context.Context, cause error, role reexec.Role, read ReadClosed) error {
	ctx, cancel := context.WithTimeout(ctx, min(maxLookup, cmp.Or(role.Grace, defaultGrace)/20))
	defer cancel()
	closed, err := read(ctx)
	if err != nil || closed == nil || closed.UID != role.UID || closed.Outcome != record.Stopped {
		return cause
	}
	return fmt.Errorf("%w: %w: %s", cause, ErrStopped, closed.Message)
}
