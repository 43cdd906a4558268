package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// exitInterrupted is the exit code of an orchestrator that was told to terminate, as shells give it (128 + SIGTERM). The
// Job starts another one, which goes on where this one was.
const exitInterrupted = 143

// playOrchestrator drives the run from inside the cluster and returns the exit code.
func (o *Orchestrator) playOrchestrator(ctx context.Context, role reexec.Role, d *design, problem error) int {
	logger := o.roleLogger().With(zap.String("run", role.Run), zap.String("pipeline", role.Pipeline))
	ctx, cancel := signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
	defer cancel()
	code, err := o.orchestrate(ctx, role, d, problem, logger)
	if err != nil {
		logger.Error("the orchestrator ends with an error", zap.Int("code", code), zap.Error(err))
		// The log has it too.
		_ = os.WriteFile(role.Report, []byte(err.Error()), 0o600)
	}
	return code
}

func (o *Orchestrator) orchestrate(
	ctx context.Context, role reexec.Role, d *design, problem error, logger *zap.Logger,
) (code int, err error) {
	if problem != nil {
		return kube.ExitPermanent, problem
	}
	p, err := readPlan(role, d)
	if err != nil {
		return kube.ExitPermanent, err
	}
	conn, err := kube.Connect(kube.Target{
		InCluster: true, Clientset: o.clientset, Namespace: role.Namespace, Role: role.Kind, Warn: warnings(logger),
	})
	if err != nil {
		return kube.ExitError, err
	}
	if err := kube.CheckOwnRights(ctx, conn.Client, role.Namespace); err != nil {
		return exitWithout(err), err
	}
	ref, err := kube.FindRun(ctx, conn.Client, role.Namespace, role.Run, role.Pipeline)
	if err != nil {
		return kube.ExitError, err
	}
	machine, err := engine.NewMachine(p.Engine)
	if err != nil {
		return kube.ExitPermanent, err
	}
	endDeadline, err := keepDeadline(ctx, conn, ref, role, p, logger)
	if err != nil {
		return kube.ExitError, err
	}
	defer endDeadline()
	return o.driveCluster(ctx, conn, ref, p, machine, logger)
}

// exitWithout returns the exit code of an orchestrator whose rights could not be made sure of.
func exitWithout(err error) int {
	if _, lacking := errors.AsType[*kube.RightsError](err); lacking {
		return kube.ExitPermanent
	}
	return kube.ExitError
}

// driveCluster drives the run until it ends, is deleted, or this process is told to terminate.
func (o *Orchestrator) driveCluster(
	ctx context.Context, conn *kube.Connection, ref kube.Ref, p *plan.Plan, machine *engine.Machine, logger *zap.Logger,
) (code int, err error) {
	job := watchJob(ctx, kube.WatchJob, conn.Client, ref, logger)
	defer job.close()
	job.await(ctx)
	driver := &engine.Driver{
		Machine: machine, Logger: logger, Cluster: kube.NewCluster(conn.Client, ref, p, kube.Options{
			Logger: logger, Store: o.lookupStore(ctx, p, logger), Stopped: job.stopped,
		}),
		Stop: job.stop, Drain: job.drain, Gone: job.gone, Changed: stepLogger(logger),
	}
	err = driver.Run(ctx)
	switch {
	case errors.Is(err, engine.ErrRunGone):
		logger.Info("the run was deleted")
		return kube.ExitPermanent, nil
	case ctx.Err() != nil:
		logger.Info("told to terminate, another orchestrator goes on")
		return exitInterrupted, nil
	case err != nil:
		return kube.ExitError, err
	}
	deleteToken(ctx, conn, p, logger)
	outcome := machine.Outcome()
	logger.Info("the run has ended", zap.String("outcome", string(outcome)))
	if outcome == record.Succeeded {
		return 0, nil
	}
	return kube.ExitRunFailed, fmt.Errorf("the run ended as %s", outcome)
}

// stepChanged is the message under which an orchestrator logs the change of a step.
const stepChanged = "step changed"

// stepLogger logs each change of a step once.
func stepLogger(logger *zap.Logger) func(engine.Status) {
	type shown struct {
		state   engine.State
		attempt int
		why     string
	}
	last := map[string]shown{}
	return func(st engine.Status) {
		now := shown{st.State, st.Attempt, st.Why}
		if last[st.Step] == now {
			return
		}
		last[st.Step] = now
		logger.Info(stepChanged, zap.String("step", st.Step), zap.Int("attempt", st.Attempt),
			zap.String("state", string(st.State)), zap.String("outcome", string(st.Outcome)), zap.String("why", st.Why))
	}
}
