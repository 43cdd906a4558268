package attempt

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v4"
	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/pause"
)

// firstPause is what a call that is made again waits for at first.
const firstPause = 100 * time.Millisecond

// insist makes a call and repeats it, with growing pauses, while again says so of its error and the work's patience and
// ctx last. It returns the last call's error rather than that of the context which cut the repeating short.
func insist[T any](ctx context.Context, w Work, doing string, again func(error) bool, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, w.Patience)
	defer cancel()
	var result T
	var last error
	err := backoff.RetryNotify(func() error {
		if result, last = call(ctx); last != nil && !again(last) {
			return backoff.Permanent(last)
		}
		return last
	}, backoff.WithContext(pause.Growing(firstPause), ctx), func(err error, next time.Duration) {
		w.Logger.Warn("out of reach, trying again", zap.String("doing", doing), zap.Duration("pause", next), zap.Error(err))
	})
	if err != nil {
		return result, last
	}
	return result, nil
}
