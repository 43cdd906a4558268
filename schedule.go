package pipeline

import (
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/org/k8sorch/internal/recurrence"
)

// Schedule says when runs of a pipeline begin by themselves. Each firing is a run of its own. In JSON and YAML the names are those
// of the tags.
type Schedule struct {
	// Suffix tells the schedules of one pipeline apart: a schedule's name is that of the pipeline, a dash and the suffix, or the
	// pipeline's alone. It has lower-case letters, digits and dashes. A name of more than 52 bytes, which is what the CronJob
	// controller leaves room for, becomes a readable beginning and a hash.
	Suffix string `json:"suffix,omitempty"`
	// Cron is the five fields of a cron expression: minute, hour, day of month, month and day of week; or @hourly, @daily, @weekly,
	// @monthly or @yearly. Where both days are restricted, one of the two is enough.
	Cron string `json:"cron,omitempty"`
	// TimeZone is the zone that Cron is in, by its name in the IANA time zone database. The default is UTC.
	TimeZone string `json:"time_zone,omitempty"`
	// ConcurrencyPolicy says what a firing does while the run of an earlier one goes on: Forbid begins no run, Allow begins another
	// one, Replace deletes the earlier run first. Runs that were triggered or backfilled do not count. The default is Forbid.
	ConcurrencyPolicy batchv1.ConcurrencyPolicy `json:"concurrency_policy,omitempty"`
	// StartingDeadline is how long after its time a firing may still begin, in seconds: when the cluster was out of order, or an
	// earlier run was in the way. It is 10 or more, since the CronJob controller looks every 10 seconds. The default is the shortest
	// time between firings, but 200 at least and 3600 at most.
	StartingDeadline *int `json:"starting_deadline,omitzero"`
	// SuccessfulRunsHistoryLimit is how many runs of the schedule are kept that ended well. The default is
	// [KubernetesOrchestratorSettings.SuccessfulJobsHistoryLimit], and 3 where that is not set, as CronJobs have it.
	SuccessfulRunsHistoryLimit *int `json:"successful_runs_history_limit,omitzero"`
	// FailedRunsHistoryLimit is the same for runs that ended without success, with
	// [KubernetesOrchestratorSettings.FailedJobsHistoryLimit] and 1 as the defaults.
	FailedRunsHistoryLimit *int `json:"failed_runs_history_limit,omitzero"`
	// Suspended keeps the schedule from firing. Nil leaves it as it is; a new schedule fires.
	Suspended *bool `json:"suspended,omitzero"`
}

// Next returns the first n firings after a time, in the schedule's zone; fewer where the next one is more than five years away. What
// is wrong with Cron or TimeZone is an error.
func (s Schedule) Next(after time.Time, n int) ([]time.Time, error) {
	r, err := s.recurrence()
	if err != nil {
		return nil, err
	}
	return r.Next(after, n), nil
}

// Warnings returns, in words, the firings in the year after a time that the clocks of the schedule's zone leave out, or come to
// twice, where daylight saving time begins or ends.
func (s Schedule) Warnings(after time.Time) ([]string, error) {
	r, err := s.recurrence()
	if err != nil {
		return nil, err
	}
	return r.Warnings(after, after.AddDate(1, 0, 0)), nil
}

func (s Schedule) recurrence() (*recurrence.Recurrence, error) {
	return recurrence.Parse(s.Cron, s.zone())
}

// ScheduledFor makes the run one for time t, which its steps read with [ScheduledTime]: a run of yesterday's data that
// is made today gives the same result as yesterday's would have. The runs of a [Schedule] have the times of their firings.
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
