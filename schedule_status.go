package pipeline

import (
	"context"
	"slices"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/org/k8sorch/internal/kube"
)

// ErrNoSchedule is returned for a schedule that does not exist.
var ErrNoSchedule = kube.ErrNoSchedule

// shownFirings is how many firings a status tells.
const shownFirings = 5

// ScheduleStatus is a schedule on the cluster.
type ScheduleStatus struct {
	// Name is that of the schedule, and of its CronJob.
	Name string `json:"name"`
	// Namespace is where it is.
	Namespace string `json:"namespace"`
	// Pipeline is the name of the pipeline.
	Pipeline string `json:"pipeline"`
	// Schedule is what it is, with all defaults written out.
	Schedule Schedule `json:"schedule"`
	// Image is what its next runs are orchestrated by.
	Image string `json:"image"`
	// Next are the next five firings, in the schedule's zone; none while it is suspended.
	Next []time.Time `json:"next,omitempty"`
	// Last is the time of the last firing; zero when there was none.
	Last time.Time `json:"last,omitzero"`
	// Active are the runs that have fired and go on. Those that were triggered or backfilled are not among them.
	Active []string `json:"active,omitempty"`
	// Warnings are the firings of the next year that the zone's clocks leave out or come to twice.
	Warnings []string `json:"warnings,omitempty"`
}

// Schedules returns the schedules in the namespace, of all pipelines, by name.
func (o *Orchestrator) Schedules(ctx context.Context) ([]ScheduleStatus, error) {
	conn, err := o.connectForSchedules()
	if err != nil {
		return nil, err
	}
	crons, err := kube.ListSchedules(ctx, conn.Client, conn.Namespace)
	if err != nil {
		return nil, err
	}
	var all []ScheduleStatus
	for _, cron := range crons {
		all = append(all, *scheduleStatus(&cron, time.Now()))
	}
	slices.SortFunc(all, func(a, b ScheduleStatus) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// FindSchedule returns the schedule of a name. One that does not exist is [ErrNoSchedule].
func (o *Orchestrator) FindSchedule(ctx context.Context, name string) (*ScheduleStatus, error) {
	_, cron, err := o.findSchedule(ctx, name)
	if err != nil {
		return nil, err
	}
	return scheduleStatus(cron, time.Now()), nil
}

func (o *Orchestrator) findSchedule(ctx context.Context, name string) (*kube.Connection, *batchv1.CronJob, error) {
	conn, err := o.connectForSchedules()
	if err != nil {
		return nil, nil, err
	}
	cron, err := kube.FindSchedule(ctx, conn.Client, conn.Namespace, name)
	return conn, cron, err
}

func (o *Orchestrator) connectForSchedules() (*kube.Connection, error) {
	target := o.target()
	if !target.Named() {
		return nil, errNoClusterToSchedule
	}
	target.Warn = warnings(o.clientLogger())
	conn, err := kube.Connect(target)
	if err != nil {
		return nil, err
	}
	if conn.Notice != "" {
		o.events(Event{Kind: Notice, Time: time.Now(), Message: conn.Notice})
	}
	return conn, nil
}

// scheduleStatus reads a CronJob. Whoever may change CronJobs may have written into it what no Schedule would say.
func scheduleStatus(cron *batchv1.CronJob, now time.Time) *ScheduleStatus {
	st := &ScheduleStatus{
		Name: cron.Name, Namespace: cron.Namespace, Pipeline: cron.Labels[kube.LabelPipeline],
		Schedule: scheduleOf(cron), Image: kube.ScheduledImage(cron),
	}
	if cron.Status.LastScheduleTime != nil {
		st.Last = cron.Status.LastScheduleTime.Time
	}
	for _, job := range cron.Status.Active {
		st.Active = append(st.Active, job.Name)
	}
	r, err := st.Schedule.recurrence()
	switch {
	case err != nil:
		st.Warnings = []string{err.Error()}
	case *st.Schedule.Suspended:
	default:
		st.Next, st.Warnings = r.Next(now, shownFirings), r.Warnings(now, now.AddDate(1, 0, 0))
	}
	return st
}

// scheduleOf returns the schedule that a CronJob keeps.
func scheduleOf(cron *batchv1.CronJob) Schedule {
	s := Schedule{
		Cron: cron.Spec.Schedule, TimeZone: orDefault(cron.Spec.TimeZone, ""), ConcurrencyPolicy: cron.Spec.ConcurrencyPolicy,
		SuccessfulRunsHistoryLimit: whole(cron.Spec.SuccessfulJobsHistoryLimit),
		FailedRunsHistoryLimit:     whole(cron.Spec.FailedJobsHistoryLimit),
		StartingDeadline:           whole(cron.Spec.StartingDeadlineSeconds),
		Suspended:                  new(orDefault(cron.Spec.Suspend, false)),
	}
	s.Suffix, _ = strings.CutPrefix(cron.Name, cron.Labels[kube.LabelPipeline]+"-")
	if s.nameFor(cron.Labels[kube.LabelPipeline]) != cron.Name {
		s.Suffix = ""
	}
	return s
}

func whole[N int32 | int64](n *N) *int {
	if n == nil {
		return nil
	}
	return new(int(*n))
}
