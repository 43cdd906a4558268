package pipeline

import (
	"context"
	"time"
)

// ScheduledFor makes the run one for time t, which its steps read with [ScheduledTime]: a run of yesterday's data that
// is made today gives the same result as yesterday's would have.
func ScheduledFor(t time.Time) RunOption {
	return runOption(func(o *runOptions) error {
		o.scheduled = t
		return nil
	})
}

// ScheduledTime returns the time that the run is for, and whether it has one.
func ScheduledTime(ctx context.Context) (time.Time, bool) {
	t, _ := ctx.Value(scheduledKey{}).(time.Time)
	return t, !t.IsZero()
}
