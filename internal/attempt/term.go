package attempt

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// NotifyTerm returns a context that ends with the cause [ErrTerminated] when this process is sent SIGTERM, which no
// longer kills it. The returned function gives the signal back its usual effect and ends the context.
func NotifyTerm(ctx context.Context) (context.Context, context.CancelFunc) {
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
