package pipeline

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

// exitInterrupted is the exit code of an orchestrator that was told to terminate, as shells give it (128 + SIGTERM). The
// Job starts another one, which goes on where this one was.
const exitInterrupted = 143

// playOrchestrator drives the run from inside the cluster and returns the exit code.
func (o *Orchestrator) playOrchestrator(ctx context.Context, role reexec.Role, d *design, problem error) int {
	logger := o.roleLogger().With(zap.String("run", role.Run), zap.String("pipeline", role.Pipeline))
	boundGarbage(ctx, beginningGC)
	ctx, cancel := ownSignals(ctx)
	defer cancel()
	code, err := o.orchestrate(ctx, role, d, problem, logger)
	if err != nil {
		logger.Error("the orchestrator ends with an error", zap.Int("code", code), zap.Error(err))
		// The log has it too.
		_ = os.WriteFile(role.Report, []byte(err.Error()), 0o600)
	}
	return code
}

// ownSignals returns a context that ends when this process is told to. Signals of a process that plays several roles are
// meant for none of them.
func ownSignals(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := reexec.FromContext(ctx); ok {
		return context.WithCancel(ctx)
	}
	return signal.NotifyContext(ctx, syscall.SIGTERM, os.Interrupt)
}

func (o *Orchestrator) orchestrate(
	ctx context.Context, role reexec.Role, d *design, problem error, logger *zap.Logger,
) (code int, err error) {
	if problem != nil {
		return kube.ExitPermanent, problem
	}
	p, err := readPlan(role, d, inDir(role.Dir))
	if err != nil {
		return kube.ExitPermanent, err
	}
	conn, err := kube.Connect(o.ownTarget(role, logger))
	if err != nil {
		return kube.ExitError, err
	}
	if err := kube.CheckOwnRights(ctx, conn.Client, role.Namespace, kube.OrchestratorRights(kube.AccountsInEnv(p)...)); err != nil {
		return exitWithout(err), err
	}
	trace := &runTrace{}
	defer trace.over("", "") // another orchestrator goes on with the run, unless it has ended
	if role.Schedule != "" {
		start := func() map[string]string { return trace.startScheduled(ctx, o.tracing, role) }
		if p, err = kube.BeginScheduled(ctx, conn.Client, kube.RefOf(role), p, start); err != nil {
			return kube.ExitError, err
		}
	}
	ref, err := kube.FindRun(ctx, conn.Client, kube.RefOf(role))
	if err != nil {
		return kube.ExitError, err
	}
	machine, err := engine.NewMachine(p.Engine)
	if err != nil {
		return kube.ExitPermanent, err
	}
	c := &clusterDrive{Orchestrator: o, conn: conn, ref: ref, role: role, plan: p, logger: logger, trace: trace}
	return c.drive(ctx, machine)
}

// ownTarget is the cluster that the orchestrator runs in.
func (o *Orchestrator) ownTarget(role reexec.Role, logger *zap.Logger) kube.Target {
	return kube.Target{InCluster: true, Clientset: o.clientset, Namespace: role.Namespace, Role: role.Kind, Warn: warnings(logger)}
}

// exitWithout returns the exit code of an orchestrator whose rights could not be made sure of.
func exitWithout(err error) int {
	if _, lacking := errors.AsType[*kube.RightsError](err); lacking {
		return kube.ExitPermanent
	}
	return kube.ExitError
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
