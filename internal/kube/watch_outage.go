package kube

import (
	"context"
	"sync"

	"go.uber.org/zap"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// outage tells of the time during which a run cannot be watched: once when it begins and once when it ends.
type outage struct {
	logger *zap.Logger
	// denied takes the answers that shut the account out, as far as there is room.
	denied chan<- error
	// tell is [Options.Outage].
	tell func(error)

	mu   sync.Mutex
	down bool
}

// note takes the outcome of a list or watch.
func (o *outage) note(ctx context.Context, err error) {
	switch {
	case ctx.Err() != nil, isRoutine(err):
		return
	case shutOut(err):
		select {
		case o.denied <- err:
		default:
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err != nil && !o.down:
		o.logger.Warn("cannot watch the run, trying again", zap.Error(err))
		o.tell(err)
	case err == nil && o.down:
		o.logger.Info("watching the run again")
		o.tell(nil)
	}
	o.down = err != nil
}

// isRoutine tells errors that a watch deals with itself: its place has been forgotten, or the server does not know
// streamed lists (which came with Kubernetes 1.32) and is asked for an ordinary one next.
func isRoutine(err error) bool {
	return apierrors.IsResourceExpired(err) || apierrors.IsGone(err) || apierrors.IsInvalid(err)
}
