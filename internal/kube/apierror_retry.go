package kube

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// patience is how long a client's call is repeated before the user is told. It outlasts the restart of an API server,
// which takes seconds.
const patience = 30 * time.Second

// persist calls op until it succeeds, is answered for good or has used up the patience; op must be harmless to repeat.
func persist(ctx context.Context, op func(context.Context) error) error {
	return persistFor(ctx, patience, op)
}

func persistFor(ctx context.Context, limit time.Duration, op func(context.Context) error) error {
	pauses := backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(200*time.Millisecond),
		backoff.WithMaxInterval(5*time.Second),
		backoff.WithMaxElapsedTime(limit),
	)
	return backoff.Retry(func() error {
		err := op(ctx)
		if err != nil && !Retryable(err) {
			return backoff.Permanent(err)
		}
		return err
	}, backoff.WithContext(pauses, ctx))
}
