package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/kube"
)

// Schedule has the pipeline run by itself, on Kubernetes: as a CronJob whose runs have the image, the arguments and the settings that
// a run submitted now would have. It is checked as a run is, and refused before anything is made; wherever a run ends the process, as
// in its pods, so does this.
//
// A schedule is known by its name. Scheduling again changes it: the image, when this program is another one by now, the options, and
// all that s says. Runs that have begun go on as they are.
func (o *Orchestrator) Schedule(ctx context.Context, p *Pipeline, s Schedule, opts ...RunOption) (*ScheduleStatus, error) {
	if played, err := o.playRole(ctx, "Schedule", p); played || err != nil {
		return nil, err
	}
	sub, err := o.newScheduleSubmission(p, s, opts)
	if err != nil {
		return nil, err
	}
	if !o.target().Named() {
		return nil, errNoClusterToSchedule
	}
	return sub.schedulesOn(ctx, s)
}

// ErrNoCluster is returned for what needs a cluster where none is named.
var ErrNoCluster = errors.New("no cluster is named")

var errNoClusterToSchedule = fmt.Errorf("schedules are kept by Kubernetes, and %w: set Config.Context (flag --context), "+
	"Kubeconfig or InCluster, or use WithRESTConfig or WithClientset", ErrNoCluster)

// newScheduleSubmission returns the submission of each run of a schedule. What is a run's own is left out, so that the same schedule
// gives the same objects.
func (o *Orchestrator) newScheduleSubmission(p *Pipeline, s Schedule, opts []RunOption) (*submission, error) {
	sub, err := o.submission(p, opts)
	if err != nil {
		return nil, err
	}
	if found := s.check(); len(found) > 0 {
		return nil, &ValidationError{Pipeline: p.name, Mistakes: found}
	}
	if !sub.options.scheduled.IsZero() {
		return nil, p.invalid(errors.New("ScheduledFor is for single runs: each run of a schedule is for the time of its firing; leave it out"))
	}
	sub.schedule = s.nameFor(p.name)
	sub.run, sub.submitted = sub.schedule, time.Time{}
	return sub, nil
}

// schedulesOn makes or changes the schedule on the cluster.
func (s *submission) schedulesOn(ctx context.Context, schedule Schedule) (*ScheduleStatus, error) {
	conn, server, err := s.admit(ctx)
	if err != nil {
		return nil, err
	}
	_, spec, err := s.place(ctx, conn, server)
	if err != nil {
		return nil, err
	}
	if spec.Token != nil {
		s.notice("the token is kept in Secret " + spec.Ref.TokenName() + " until the schedule is deleted, and has to last as long: " +
			"schedule again to renew it")
	}
	cron, err := kube.Schedule{Submission: spec, Timing: schedule.timing(s.runSettings())}.Apply(ctx, conn.Client)
	if err != nil {
		return nil, err
	}
	return scheduleStatus(cron, time.Now()), nil
}
