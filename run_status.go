package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

// Status returns what is known of the run now, without waiting for anything: where it stands and where each of its steps
// does, and why those do not run that do not. Steps and hooks that are not over have no outcome. The error wraps
// [ErrNoRun] when the run was deleted.
func (h *Handle) Status(ctx context.Context) (*Run, error) { return h.run.status(ctx) }

// glance is one look at a run on Kubernetes.
type glance struct {
	*clusterRun
	job     kube.RunJob
	cluster *kube.Cluster
	// stop and drain are why the run was asked to; empty when it was not.
	stop, drain string
	// settled tells that what has not begun by now never will.
	settled bool
	tracker *tracker
}

// status takes a look at the run. The Job is read first: when that has ended, no record and no pod can come any more.
func (r *clusterRun) status(ctx context.Context) (*Run, error) {
	g := &glance{clusterRun: r, tracker: r.tracker.fresh(func(Event) {})}
	var err error
	if g.job, err = kube.ReadJob(ctx, r.conn.Client, r.ref); err != nil {
		return nil, fmt.Errorf("reading the status of run %s: %w", r.ref.Run, err)
	}
	g.stop, g.drain, g.settled = g.job.StopReason, g.job.DrainReason, g.job.Finished != ""
	g.cluster = kube.NewCluster(r.conn.Client, r.ref, r.plan, kube.Options{Logger: r.logger, Stopped: func(why string) { g.stop = why }})
	if err := g.cluster.Load(ctx); err != nil {
		return nil, err
	}
	if err := g.steps(ctx); err != nil {
		return nil, err
	}
	g.queued(ctx)
	return g.tracker.run, nil
}

// steps derives where the run and its steps stand, and its hooks when it has come to them.
func (g *glance) steps(ctx context.Context) error {
	end, err := g.end(ctx)
	if err != nil {
		return err
	}
	g.settled = g.settled || end != nil
	machine, err := g.observe(g.plan.Engine)
	if err != nil {
		return err
	}
	over := machine.Done()
	if over && end != nil {
		hooks := g.plan.HooksAfter(end.Outcome)
		g.tracker.expect(hooks)
		after, err := g.observe(hooks)
		if err != nil {
			return err
		}
		over = after.Done()
	} else if len(g.plan.Hooks) > 0 {
		over = false
	}
	g.conclude(machine, over)
	return nil
}

// end returns the record of the run's end, which those have that have hooks; nil while there is none.
func (g *glance) end(ctx context.Context) (*RunEnd, error) {
	if len(g.plan.Hooks) == 0 {
		return nil, nil
	}
	return kube.FindEnd(ctx, g.conn.Client, g.ref)
}

// observe derives where the steps of a plan stand.
func (g *glance) observe(p engine.Plan) (*engine.Machine, error) {
	return observe(p, g.cluster.View, g.tracker, func(machine *engine.Machine) {
		if g.stop != "" {
			machine.Stop(g.stop)
		}
		if g.drain != "" {
			machine.Drain(g.drain)
		}
		if g.settled {
			machine.Unattended()
		}
	})
}

// observe derives where the steps of a plan stand from a view of them, and what tell says to the machine first.
func observe(p engine.Plan, view func(step string) engine.Observation, t *tracker, tell func(*engine.Machine)) (*engine.Machine, error) {
	machine, err := engine.NewViewer(p)
	if err != nil {
		return nil, err
	}
	tell(machine)
	now := time.Now()
	for _, s := range p.Steps {
		machine.Observe(s.Name, view(s.Name), now)
	}
	machine.Advance(now)
	for _, s := range p.Steps {
		t.status(machine.Status(s.Name))
	}
	return machine, nil
}

// conclude writes down where the run stands. When its Job has ended it is over, whatever its steps are.
func (g *glance) conclude(machine *engine.Machine, over bool) {
	run, asked := g.tracker.run, cmp.Or(g.stop, g.drain)
	run.State = stateOf(g.job)
	switch {
	case over || machine.Done() && g.job.Finished != "":
		run.State = RunDone
		run.Outcome, run.Message = howEnded(machine)
	case g.job.Finished != "":
		run.Outcome, run.Message = Failed, endedBefore(g.job.JobState)
	case asked != "" && run.State != RunDeleting:
		run.State, run.Message = RunStopping, asked
	default:
		run.Message = orchestratorWaits(g.job.JobState)
	}
	if run.State == RunDone {
		run.Finished = g.finished()
	}
}

// finished is when the run ended: the Job trails a little behind the last step.
func (g *glance) finished() time.Time {
	if !g.job.Ended.IsZero() {
		return g.job.Ended
	}
	return g.tracker.lastFinish()
}
