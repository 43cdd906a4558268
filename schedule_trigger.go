package pipeline

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/org/k8sorch/internal/kube"
)

// TriggerSchedule begins a run of a schedule of the pipeline now, whether that is suspended or another run goes on, and returns a
// handle on it, as [Orchestrator.Submit] does. The run has the image, the parameters and the settings of the schedule; what is about
// waiting for it is as the pipeline says. It is for no time: its steps have no [ScheduledTime].
func (o *Orchestrator) TriggerSchedule(ctx context.Context, p *Pipeline, name string) (*Handle, error) {
	s, err := o.reopen(p, "")
	if err != nil {
		return nil, err
	}
	conn, cron, err := o.findSchedule(ctx, name)
	if err != nil {
		return nil, err
	}
	if of := cron.Labels[kube.LabelPipeline]; of != p.name {
		return nil, fmt.Errorf("triggering a run: schedule %s is one of pipeline %q, not of %q", name, of, p.name)
	}
	s.run = kube.TriggeredName(name)
	return s.inTrace(ctx, func(ctx context.Context) (*Handle, error) { return s.trigger(ctx, conn, cron) })
}

func (s *submission) trigger(ctx context.Context, conn *kube.Connection, cron *batchv1.CronJob) (*Handle, error) {
	job, err := kube.Trigger(ctx, conn.Client, cron, s.run, s.trace.carrier)
	if err != nil {
		return nil, err
	}
	r, err := s.planned(ctx, conn, job)
	if err != nil && ctx.Err() != nil {
		return nil, interrupted(ctx, s.run)
	}
	if err != nil {
		return nil, fmt.Errorf("run %s of schedule %s was made and goes on, but cannot be followed yet: %w", s.run, cron.Name, err)
	}
	r.tracker.submitted()
	return s.handle(r), nil
}

// planned makes the plan of the run, as its orchestrator would once it runs, so that the run can be followed until then.
func (s *submission) planned(ctx context.Context, conn *kube.Connection, job *batchv1.Job) (*clusterRun, error) {
	p, err := kube.SchedulePlan(ctx, conn.Client, job)
	if err != nil {
		return nil, err
	}
	ref := s.ref(conn.Namespace)
	ref.JobUID = job.UID
	if p, err = kube.BeginScheduled(ctx, conn.Client, ref, p, func() map[string]string { return nil }); err != nil {
		return nil, err
	}
	if ref, err = kube.FindRun(ctx, conn.Client, ref); err != nil {
		return nil, err
	}
	s.submitted = p.Submitted
	return s.clusterRun(ctx, conn, ref, p), nil
}
