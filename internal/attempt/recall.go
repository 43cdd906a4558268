package attempt

import (
	"context"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/record"
)

// Recall looks for the value that the step had in an earlier run and returns it, or else why it is not taken. An inline
// value has at most room bytes, which are those of [reexec.Role].
type Recall func(ctx context.Context, room int64) (*cache.Hit, *cache.Miss)

// recall returns an earlier value of the step, or else what the record of the one to be made says.
func (w Work) recall(ctx context.Context) (*cache.Hit, *record.Cache) {
	if w.Recall == nil {
		return nil, w.Cache
	}
	hit, miss := w.Recall(ctx, w.Role.Room)
	if hit != nil {
		w.Logger.Info("the step's value is taken from an earlier run", zap.String("step", w.Role.Step), zap.String("from", hit.Result.Run))
		return hit, nil
	}
	log := w.Logger.Info
	if miss.Err != nil {
		log = w.Logger.Warn
	}
	log("the step is run, for no earlier value can be taken", zap.String("step", w.Role.Step), zap.String("why", miss.Reason), zap.Error(miss.Err))
	missed := *w.Cache
	missed.Miss = miss.Reason
	return nil, &missed
}
