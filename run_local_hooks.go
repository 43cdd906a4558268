package pipeline

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/process"
)

// driveHooks records the run's end, and runs the hooks that this calls for to their end, or to that of ctx.
func (l *localRun) driveHooks(ctx context.Context, logger *zap.Logger) error {
	end, err := process.DecideEnd(l.dir, endOf(l.plan, l.machine))
	if err != nil {
		return err
	}
	hooks := l.plan.HooksAfter(end.Outcome)
	if len(hooks.Steps) == 0 {
		return nil
	}
	machine, err := engine.NewMachine(hooks)
	if err != nil {
		return err
	}
	cluster, err := l.newCluster()
	if err != nil {
		return err
	}
	l.tracker.expect(hooks)
	d := &engine.Driver{Machine: machine, Cluster: cluster, Logger: logger, Changed: l.tracker.status}
	defer cluster.Wait()
	return d.Run(ctx)
}

// endHooks records the run's end and runs its hooks, and tells of those that do not succeed.
func (l *localRun) endHooks(ctx context.Context, logger *zap.Logger) {
	if err := l.driveHooks(ctx, logger); err != nil {
		l.tracker.notice(fmt.Sprintf("the run's end was not recorded, or its hooks were not run to theirs: %v", err))
	}
	l.tracker.tellHooks()
}
