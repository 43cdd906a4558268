package pipeline

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// clusterDrive is a run on Kubernetes, as its orchestrator sees it.
type clusterDrive struct {
	*Orchestrator
	conn   *kube.Connection
	ref    kube.Ref
	role   reexec.Role
	plan   *plan.Plan
	logger *zap.Logger
	// trace is the span of the run, where this process makes it.
	trace *runTrace
	// events tells of the run on its Job, while it is driven.
	events *jobEvents
}

// drive drives the run until it ends, hooks included, is deleted, or this process is told to terminate.
func (c *clusterDrive) drive(ctx context.Context, machine *engine.Machine) (code int, err error) {
	job := watchJob(ctx, kube.WatchJob, c.conn.Client, c.ref, c.logger)
	defer job.close()
	end, err := c.driveAll(ctx, job, machine)
	switch {
	case errors.Is(err, engine.ErrRunGone):
		c.logger.Info("the run was deleted")
		return kube.ExitPermanent, nil
	case ctx.Err() != nil:
		c.logger.Info("told to terminate, another orchestrator goes on")
		return exitInterrupted, nil
	case err != nil:
		return kube.ExitError, err
	}
	deleteToken(ctx, c.conn, c.plan, c.logger)
	c.trace.over(end.Outcome, end.Message)
	c.logger.Info("the run has ended", zap.String("outcome", string(end.Outcome)))
	switch end.Outcome {
	case Succeeded:
		return 0, nil
	case Stopped:
		code = kube.ExitRunStopped
	default:
		code = kube.ExitRunFailed
	}
	return code, fmt.Errorf("the run ended as %s", end.Outcome)
}

// driveAll drives the run's steps and hooks to their end, which it returns, and tells of them in events.
func (c *clusterDrive) driveAll(ctx context.Context, job *jobWatch, machine *engine.Machine) (end RunEnd, err error) {
	c.events = c.newJobEvents(ctx)
	defer func() {
		told := end
		if err != nil {
			told = RunEnd{}
		}
		c.events.close(told)
	}()
	end, err = c.driveSteps(ctx, job, machine)
	if err == nil && len(c.plan.Hooks) > 0 {
		end, err = c.driveHooks(ctx, job, end)
	}
	return end, err
}

// begin returns what is to be done between the first view of the run and the first decision: to know what the run's Job says, and
// to take no more of the node from then on than the run needs.
func (c *clusterDrive) begin(job *jobWatch) func(context.Context) {
	return func(ctx context.Context) {
		job.await(ctx)
		boundCPUs(ctx)
		boundGarbage(ctx, orchestratorGC(len(c.plan.Engine.Steps)))
	}
}

// driveSteps drives the run's steps to their end, and returns it. Where that is recorded, an orchestrator before this one
// has, and nothing of them is done any more.
func (c *clusterDrive) driveSteps(ctx context.Context, job *jobWatch, machine *engine.Machine) (RunEnd, error) {
	if len(c.plan.Hooks) > 0 {
		if end, err := kube.FindEnd(ctx, c.conn.Client, c.ref); err != nil || end != nil {
			return orDefault(end, RunEnd{}), err
		}
	}
	endDeadline, err := keepDeadline(ctx, c.conn, c.ref, c.role, c.plan, c.logger)
	if err != nil {
		return RunEnd{}, err
	}
	defer endDeadline()
	driver := &engine.Driver{
		Machine: machine, Logger: c.logger, Cluster: kube.NewCluster(c.conn.Client, c.ref, c.plan, kube.Options{
			Logger: c.logger, Store: c.lookupStore(ctx, c.plan, c.logger), Stopped: job.stopped,
		}),
		Begin: c.begin(job), Stop: job.stop, Drain: job.drain, Gone: job.gone, Changed: c.events.changed(c.logger, "step"),
	}
	if err := driver.Run(ctx); err != nil {
		return RunEnd{}, err
	}
	return endOf(c.plan, machine), nil
}

// driveHooks records how the run ended, unless that is done, and drives the hooks that this calls for to their end. It
// returns the end that is recorded.
func (c *clusterDrive) driveHooks(ctx context.Context, job *jobWatch, end RunEnd) (RunEnd, error) {
	end, err := kube.DecideEnd(ctx, c.conn.Client, c.ref, c.plan, end, c.logger)
	if err != nil {
		return RunEnd{}, err
	}
	machine, err := engine.NewMachine(c.plan.HooksAfter(end.Outcome))
	if err != nil {
		return RunEnd{}, err
	}
	driver := &engine.Driver{
		Machine: machine, Logger: c.logger, Cluster: kube.NewCluster(c.conn.Client, c.ref, c.plan, kube.Options{Logger: c.logger}),
		Begin: c.begin(job), Gone: job.gone, Changed: c.events.changed(c.logger, "hook"),
	}
	return end, driver.Run(ctx)
}
