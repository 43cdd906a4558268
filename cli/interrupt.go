package cli

import (
	"context"
	"os"
)

// interruptible returns a context that the first signal ends, after announce; a second one ends the process. The
// context and all that belongs to it end with release.
func (prog *program) interruptible(ctx context.Context, announce func()) (_ context.Context, release func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	stop := prog.notify(signals)
	released, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-signals:
		case <-released:
			return
		}
		announce()
		cancel(errInterrupted)
		select {
		case <-signals:
			prog.exit(ExitInterrupted)
		case <-released:
		}
	}()
	return ctx, func() {
		stop()
		close(released)
		<-done
		cancel(nil)
	}
}
