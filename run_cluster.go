package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// clusterRun is a run on Kubernetes, as its client sees it. It only looks: what it knows, it derives with the engine
// from the run's pods and records, as the orchestrator does.
type clusterRun struct {
	conn    *kube.Connection
	ref     kube.Ref
	plan    *plan.Plan
	tracker *tracker
	logger  *zap.Logger
	// timeout is how long the run is waited for after the time at which it was on the cluster; 0 means for ever.
	timeout time.Duration
	placed  time.Time
}

// follow returns a handle on a run that was just put on the cluster.
func (s *submission) follow(ctx context.Context, conn *kube.Connection, ref kube.Ref, p *plan.Plan) *Handle {
	r := s.clusterRun(ctx, conn, ref, p)
	r.tracker.submitted()
	r.tracker.notice(fmt.Sprintf("submitted as run %s to namespace %s by %s", s.run, ref.Namespace, conn.Source))
	s.trimHistory(ctx, r)
	return s.handle(r)
}

// handle returns a handle on a run that was just made.
func (s *submission) handle(r *clusterRun) *Handle {
	h := r.handle()
	if !orDefault(s.runSettings().Synchronous, true) {
		h.detached = r.tracker.soFar
	}
	return h
}

// clusterRun returns a run that is on the cluster.
func (s *submission) clusterRun(ctx context.Context, conn *kube.Connection, ref kube.Ref, p *plan.Plan) *clusterRun {
	store, unreachable := s.storeOutside(ctx, p.Artifacts)
	r := &clusterRun{
		conn: conn, ref: ref, plan: p, tracker: s.newTracker(p.Graph), logger: s.clientLogger(),
		timeout: seconds(orDefault(s.runSettings().Timeout, 0)), placed: time.Now(),
	}
	r.tracker.run.open = func(ctx context.Context, result record.Result) (attempt.Input, error) {
		if err := s.checkGraph(p); err != nil {
			return attempt.Input{}, fmt.Errorf("reading the result of step %q: %w", result.Step, err)
		}
		if unreachable != nil && !result.Inline {
			return attempt.Input{}, fmt.Errorf("reading the result of step %q: %w", result.Step, unreachable)
		}
		return kube.ReadValue(ctx, conn.Client, ref, result, store)
	}
	return r
}

func (r *clusterRun) handle() *Handle {
	return &Handle{ID: r.ref.Run, run: r}
}

// errOrchestratorEnded ends the watch of a run whose orchestrator has ended while steps had none of the outcomes yet.
var errOrchestratorEnded = errors.New("the orchestrator has ended before the run")

// wait follows the run to its end.
func (r *clusterRun) wait(ctx context.Context) (*Run, error) {
	machine, err := engine.NewViewer(r.plan.Engine)
	if err != nil {
		return r.tracker.soFar(), err
	}
	waiting, cancel := r.inTime(ctx)
	defer cancel()
	end, err := r.watch(waiting, machine)
	if err != nil && waiting.Err() != nil {
		r.tracker.left()
		return r.tracker.soFar(), gaveUp(waiting, r.ref.Run)
	}
	r.conclude(machine, err, end)
	if err == nil {
		r.tracker.addTails()
		r.addLogs(ctx)
	}
	run := r.tracker.soFar()
	if run.State == RunDone { // otherwise it may go on, and need its token
		deleteToken(ctx, r.conn, r.plan, r.logger)
	}
	r.tracker.over()
	return ended(run)
}

// inTime returns a context that ends when the run has been waited for as long as the settings say.
func (r *clusterRun) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.timeout == 0 {
		return ctx, func() {}
	}
	return context.WithDeadlineCause(ctx, r.placed.Add(r.timeout), timedOut(r.ref.Run, r.timeout))
}

// gaveUp returns the error of a wait that was over before the run was.
func gaveUp(ctx context.Context, run string) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrTimeout) {
		return cause
	}
	return interrupted(ctx, run)
}

// watch tells what happens until the run ends, its orchestrator does, or ctx.
func (r *clusterRun) watch(ctx context.Context, machine *engine.Machine) (*orchestratorEnd, error) {
	watching, cancel := context.WithCancelCause(ctx)
	troubles := r.newTroubleTap()
	defer troubles.follower.Wait()
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel(nil)
	// Logs are read a little beyond the end of the run.
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()
	logs, pending, end := r.newLogTap(), r.newPendingWatch(), newOrchestratorEnd(cancel)
	asking.Go(func() { pending.watch(watching) })
	job := watchJob(watching, kube.WatchOrchestrator, r.conn.Client, r.ref, r.logger,
		r.tellOrchestrator(), troubles.orchestrator(watching), pending.orchestrator, end.take)
	defer job.close()
	changed := func(st engine.Status) {
		r.tracker.status(st)
		logs.status(reading, st)
		pending.status(st)
	}
	hooks := r.newHookWatch(job.gone)
	asking.Go(func() { hooks.await(watching, end.settle) })
	driver := &engine.Driver{
		Machine: machine, Logger: r.logger,
		Cluster: kube.NewCluster(r.conn.Client, r.ref, r.plan, kube.Options{Logger: r.logger, Stopped: job.stopped, Outage: r.tellOutage}),
		Stop:    job.stop, Drain: job.drain, Unattended: end.settled, Gone: job.gone, Changed: changed,
	}
	err := driver.Run(watching)
	if err == nil && len(r.plan.Hooks) > 0 {
		err = hooks.watch(ctx, watching, changed)
	}
	if err != nil {
		stopReading() // there is no end of the run to read on to
	}
	logs.drain(stopReading)
	return end, err
}

// conclude writes down how the run ended.
func (r *clusterRun) conclude(machine *engine.Machine, err error, end *orchestratorEnd) {
	r.tracker.note(func(run *Run) {
		run.Finished, run.State = time.Now(), RunDone
		switch {
		case err == nil:
			run.Outcome, run.Message = howEnded(machine)
		case errors.Is(err, engine.ErrRunGone):
			run.Outcome, run.Message = Stopped, "it was deleted from the cluster"
		case errors.Is(err, errOrchestratorEnded):
			run.Outcome, run.Message = Failed, end.message()
		default:
			run.Outcome, run.Message, run.State = Failed, err.Error(), ""
		}
	})
}

func (r *clusterRun) podName(step string, attempt int) string {
	return kube.PodName(r.plan.Kubernetes.PodNamePrefix, r.ref.Run, step, attempt)
}

// addLogs reads the ends of the logs of the steps and hooks that failed, whole, where they can still be had.
func (r *clusterRun) addLogs(ctx context.Context) {
	for _, s := range r.tracker.soFar().all() {
		if s.Outcome == Succeeded || s.Attempts == 0 {
			continue
		}
		lines, err := kube.TailLogs(ctx, r.conn.Client, r.ref.Namespace, r.podName(s.Name, s.Attempts), searchedLines)
		if err != nil {
			r.logger.Info("the log of a failed step cannot be read", zap.String("step", s.Name), zap.Error(err))
			continue
		}
		r.tracker.noteStep(s.Name, func(failed *StepRun) { failed.Log = endOfLog(lines) })
	}
}

func (r *clusterRun) requestStop(ctx context.Context, reason string) error {
	_, err := kube.StopRun(ctx, r.conn.Client, r.ref, reason)
	return err
}

func (r *clusterRun) requestDrain(ctx context.Context, reason string) error {
	return kube.RequestDrain(ctx, r.conn.Client, r.ref, reason)
}

func (r *clusterRun) delete(ctx context.Context) error {
	return kube.DeleteAll(ctx, r.conn.Client, r.ref)
}
