package pipeline

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	batchv1 "k8s.io/api/batch/v1"

	"github.com/org/k8sorch/internal/kube"
)

// Backfill says which firings of the past are made up for.
type Backfill struct {
	// From and To are the first and the last time whose firings are made up for.
	From, To time.Time
	// Parallel is how many runs may go on at once. The default is 1: each begins when the one before has ended.
	Parallel int
}

// BackfilledRun is the run of a firing that was to be made up for.
type BackfilledRun struct {
	// Run is the run's id: that which it would have had if it had begun in its time.
	Run string `json:"run"`
	// Scheduled is the time that it is for.
	Scheduled time.Time `json:"scheduled"`
	// Made tells that the run was made now; otherwise it was there.
	Made bool `json:"made"`
	// Outcome is Succeeded or Failed, or Stopped where the run was stopped or deleted; empty where it was not waited for to the end.
	Outcome Outcome `json:"outcome,omitempty"`
}

// maxBackfill is how many firings are made up for at once: each leaves a Job.
const maxBackfill = 1000

// BackfillSchedule makes a run for each firing of the range that has none, the earliest first, and waits for their ends. Each is what
// the schedule would have made, with the image that the schedule has now, and is found by the same name: doing it again, or going on
// after ctx has ended, makes only what is missing. The runs stay beyond the history limits of the schedule, until they are deleted,
// the TTL of the settings has passed, or the schedule is deleted. A run that fails is no error and does not keep the others from
// beginning.
func (o *Orchestrator) BackfillSchedule(ctx context.Context, name string, b Backfill) ([]BackfilledRun, error) {
	conn, cron, err := o.findSchedule(ctx, name)
	if err != nil {
		return nil, err
	}
	firings, err := b.firings(scheduleOf(cron), time.Now())
	if err != nil {
		return nil, &ValidationError{
			Pipeline: cron.Labels[kube.LabelPipeline], Mistakes: []Mistake{{Pos: "Backfill", Text: fmt.Sprintf("backfilling schedule %s: %v", name, err)}},
		}
	}
	runs := make([]BackfilledRun, len(firings))
	var telling sync.Mutex
	making, ctx := errgroup.WithContext(ctx)
	making.SetLimit(max(b.Parallel, 1))
	for i, at := range firings {
		making.Go(func() (err error) {
			if runs[i], err = makeUpFor(ctx, conn, cron, at); err != nil {
				return err
			}
			telling.Lock()
			defer telling.Unlock()
			o.events(Event{Kind: Notice, Time: time.Now(), Run: runs[i].Run, Message: runs[i].String()})
			return nil
		})
	}
	err = making.Wait()
	// Those that were not come to are left out.
	return slices.DeleteFunc(runs, func(r BackfilledRun) bool { return r.Run == "" }), err
}

// firings returns the times of the range.
func (b Backfill) firings(s Schedule, now time.Time) ([]time.Time, error) {
	r, err := s.recurrence()
	switch {
	case err != nil:
		return nil, err
	case b.From.IsZero() || b.To.IsZero() || b.To.Before(b.From):
		return nil, fmt.Errorf("from %s to %s is no range: give From and To, the earlier first", b.From.Format(time.RFC3339), b.To.Format(time.RFC3339))
	case b.To.After(now):
		return nil, fmt.Errorf("%s is yet to come: give a time of the past, the schedule does the rest", b.To.Format(time.RFC3339))
	}
	firings := r.Between(b.From, b.To, maxBackfill+1)
	if len(firings) > maxBackfill {
		return nil, fmt.Errorf("there are more than %d firings from %s to %s: take it in parts",
			maxBackfill, b.From.Format(time.RFC3339), b.To.Format(time.RFC3339))
	}
	return firings, nil
}

// makeUpFor makes the run of a firing, unless it is there, and waits for its end.
func makeUpFor(ctx context.Context, conn *kube.Connection, cron *batchv1.CronJob, at time.Time) (BackfilledRun, error) {
	if ctx.Err() != nil {
		return BackfilledRun{}, interrupted(ctx, kube.FiringName(cron.Name, at))
	}
	job, made, err := kube.Fire(ctx, conn.Client, cron, at)
	if err != nil {
		return BackfilledRun{}, err
	}
	run := BackfilledRun{Run: kube.RunOf(job), Scheduled: at, Made: made}
	end, err := kube.AwaitJob(ctx, conn.Client, kube.Ref{Namespace: job.Namespace, Run: run.Run, Job: job.Name, JobUID: job.UID})
	switch {
	case err == nil:
		run.Outcome = end
	case ctx.Err() != nil:
		err = interrupted(ctx, run.Run)
	}
	return run, err
}

// String says what became of the run.
func (r BackfilledRun) String() string {
	what := "was there already"
	if r.Made {
		what = "was made"
	}
	text := fmt.Sprintf("run %s for %s %s", r.Run, r.Scheduled.Format(time.RFC3339), what)
	if r.Outcome != "" {
		text += " and ended as " + string(r.Outcome)
	}
	return text
}
