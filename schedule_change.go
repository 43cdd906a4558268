package pipeline

import (
	"cmp"
	"context"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/org/k8sorch/internal/kube"
)

// UpdateSchedule changes when a schedule fires: what is set in change takes the place of what was, and the rest stays, the suffix
// always. Runs that have begun are not touched. The image, the parameters and the settings of its runs change with
// [Orchestrator.Schedule].
//
// A schedule that is resumed, or whose times change, may fire at once: for its last time that has passed, if that is not longer ago
// than the StartingDeadline.
func (o *Orchestrator) UpdateSchedule(ctx context.Context, name string, change Schedule) (*ScheduleStatus, error) {
	conn, cron, err := o.findSchedule(ctx, name)
	if err != nil {
		return nil, err
	}
	if found := mergeSchedules(scheduleOf(cron), change).check(); len(found) > 0 {
		return nil, &ValidationError{Pipeline: cron.Labels[kube.LabelPipeline], Mistakes: found}
	}
	changed, err := kube.ChangeSchedule(ctx, conn.Client, cron, func(spec *batchv1.CronJobSpec) {
		// The spec is the latest one: what another client has changed meanwhile stays.
		want := mergeSchedules(scheduleOf(&batchv1.CronJob{ObjectMeta: cron.ObjectMeta, Spec: *spec}), change).timing(KubernetesOrchestratorSettings{})
		want.JobTemplate = spec.JobTemplate
		*spec = want
	})
	if err != nil {
		return nil, err
	}
	return scheduleStatus(changed, time.Now()), nil
}

// mergeSchedules returns a schedule with a change. A deadline that was the default of the earlier times becomes that of the new ones.
func mergeSchedules(is, change Schedule) Schedule {
	merged := Schedule{
		Suffix:                     is.Suffix,
		Cron:                       cmp.Or(change.Cron, is.Cron),
		TimeZone:                   cmp.Or(change.TimeZone, is.TimeZone),
		ConcurrencyPolicy:          cmp.Or(change.ConcurrencyPolicy, is.ConcurrencyPolicy),
		StartingDeadline:           cmp.Or(change.StartingDeadline, is.StartingDeadline),
		SuccessfulRunsHistoryLimit: cmp.Or(change.SuccessfulRunsHistoryLimit, is.SuccessfulRunsHistoryLimit),
		FailedRunsHistoryLimit:     cmp.Or(change.FailedRunsHistoryLimit, is.FailedRunsHistoryLimit),
		Suspended:                  cmp.Or(change.Suspended, is.Suspended),
	}
	if change.StartingDeadline == nil && orDefault(is.StartingDeadline, 0) == is.defaultDeadline() {
		merged.StartingDeadline = nil
	}
	return merged
}

// DeleteSchedule deletes a schedule with all that belongs to it: the runs that it has made, those that go on too, their records, and
// its token. One that does not exist is [ErrNoSchedule].
func (o *Orchestrator) DeleteSchedule(ctx context.Context, name string) error {
	conn, cron, err := o.findSchedule(ctx, name)
	if err != nil {
		return err
	}
	return kube.DeleteSchedule(ctx, conn.Client, cron)
}
