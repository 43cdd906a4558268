package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// LogQuery says which lines of a run's logs are wanted. The zero LogQuery is the log of the latest attempt of every step.
type LogQuery struct {
	// Step is the name of a step or hook; empty means all of them.
	Step string
	// Attempt is the number of an attempt; 0 means the latest one and, with Follow, those that come after it.
	Attempt int
	// Tail is how many of the last lines of each log are wanted; 0 means all.
	Tail int
	// Follow waits for further lines until the step, or the run when none is named, is over.
	Follow bool
}

// Logs tells, as [LogLine] events, what steps have written, and as [StepProgress] how far they said that they were. Without
// Follow the steps come one after the other in topological order; with it their lines come as they are written, and a [Notice]
// tells of a log that cannot be read. A log lives as long as its pod: one whose pod or node is gone is an error when its step is
// named, and left out otherwise. Of child processes, the first 16 MiB of each log live as long as the run. Tell is called from
// one goroutine at a time.
func (h *Handle) Logs(ctx context.Context, q LogQuery, tell func(Event)) error {
	return h.run.logs(ctx, q, tell)
}

func (r *clusterRun) logs(ctx context.Context, q LogQuery, tell func(Event)) error {
	if err := checkQuery(r.plan, q); err != nil {
		return err
	}
	run, err := r.status(ctx)
	if err != nil {
		return err
	}
	own := *r
	own.tracker = r.tracker.fresh(tell)
	if q.Follow && run.State != RunDone && goesOn(run, q) {
		return own.followLogs(ctx, q)
	}
	return readLogs(run, q, func(step string, attempt int) error {
		return kube.ReadLog(ctx, r.conn.Client, r.ref.Namespace, r.podName(step, attempt), q.Tail, func(line string) {
			own.tracker.log(step, attempt, line)
		})
	})
}

// checkQuery refuses a query for what the run does not have.
func checkQuery(p *plan.Plan, q LogQuery) error {
	if q.Attempt < 0 || q.Tail < 0 {
		return fmt.Errorf("reading logs of run %s: attempt %d, tail %d: give numbers from 0", p.Run, q.Attempt, q.Tail)
	}
	if q.Step == "" {
		return nil
	}
	var have []string
	for _, n := range p.Graph.Steps() {
		if n.Name == q.Step {
			return nil
		}
		have = append(have, n.Name)
	}
	return fmt.Errorf("reading logs of run %s: it has no step %q; it has %s", p.Run, q.Step, strings.Join(have, ", "))
}

// goesOn tells whether lines that are wanted may still come.
func goesOn(run *Run, q LogQuery) bool {
	step, known := stepNamed(run.all(), q.Step)
	return !known || step.Outcome == "" && (q.Attempt == 0 || q.Attempt >= step.Attempts)
}

// readLogs reads what was written so far; read reads the log of one attempt.
func readLogs(run *Run, q LogQuery, read func(step string, attempt int) error) error {
	for _, s := range run.all() {
		if q.Step != "" && s.Name != q.Step {
			continue
		}
		attempt, err := wantedAttempt(s, q)
		if err == nil {
			err = read(s.Name, attempt)
		}
		if err != nil && (q.Step != "" || !errors.Is(err, kube.ErrNoLog)) {
			return err
		}
	}
	return nil
}

// wantedAttempt returns the attempt whose log is asked for.
func wantedAttempt(s StepRun, q LogQuery) (int, error) {
	attempt := cmp.Or(q.Attempt, s.Attempts)
	switch {
	case s.Cached != nil:
		return 0, fmt.Errorf("reading the log of step %q: its value was taken from run %s: %w", s.Name, s.Cached.Run, kube.ErrNoLog)
	case attempt > 0 && attempt <= s.Attempts:
		return attempt, nil
	case s.Outcome != "":
		return 0, fmt.Errorf("reading the log of step %q: it is %s and has no attempt %d: %w", s.Name, s.Outcome, max(attempt, 1), kube.ErrNoLog)
	}
	return 0, fmt.Errorf("reading the log of step %q: attempt %d has not begun (it is %s): %w yet", s.Name, max(attempt, 1), s.State, kube.ErrNoLog)
}

// errFollowed ends the following of one step that is over.
var errFollowed = errors.New("the step is over")

// followLogs tells what is written until the step is over that is named, or else the run.
func (r *clusterRun) followLogs(ctx context.Context, q LogQuery) error {
	machine, err := engine.NewViewer(r.plan.Engine)
	if err != nil {
		return err
	}
	watching, cancel := context.WithCancelCause(ctx)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel(nil)
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()
	logs, end := r.newLogTap(), newOrchestratorEnd(cancel)
	logs.follower.Tail = int64(q.Tail)
	job := watchJob(watching, kube.WatchOrchestrator, r.conn.Client, r.ref, r.logger, end.take)
	defer job.close()
	changed := func(st engine.Status) {
		if (q.Step == "" || q.Step == st.Step) && (q.Attempt == 0 || q.Attempt == st.Attempt) {
			logs.status(reading, st)
		}
		if q.Step == st.Step && over(st, q.Attempt) {
			cancel(errFollowed)
		}
	}
	hooks := r.newHookWatch(job.gone)
	asking.Go(func() { hooks.await(watching, end.settle) })
	driver := &engine.Driver{
		Machine: machine, Logger: r.logger,
		Cluster: kube.NewCluster(r.conn.Client, r.ref, r.plan, kube.Options{Logger: r.logger, Stopped: job.stopped}),
		Stop:    job.stop, Drain: job.drain, Unattended: end.settled, Gone: job.gone, Changed: changed,
	}
	err = driver.Run(watching)
	if err == nil && len(r.plan.Hooks) > 0 {
		err = hooks.follow(watching, changed)
	}
	if ctx.Err() != nil {
		stopReading()
	}
	logs.drain(stopReading)
	if cause := context.Cause(watching); errors.Is(cause, errFollowed) || errors.Is(cause, errOrchestratorEnded) {
		return nil
	}
	return err
}

// over tells that a step writes no more, or that an attempt of it does not.
func over(st engine.Status, attempt int) bool {
	if attempt > 0 && (st.Attempt > attempt || st.Attempt == attempt && st.State == engine.Retrying) {
		return true
	}
	return st.State == engine.Done
}
