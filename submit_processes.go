package pipeline

import (
	"cmp"
	"context"
	"time"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

// toProcesses begins a run whose steps are child processes of this one, which is their orchestrator.
func (s *submission) toProcesses(ctx context.Context) (*Handle, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	dir, err := s.makeRunDir()
	if err != nil {
		return nil, err
	}
	p := s.plan(cmp.Or(s.config.Artifacts, process.DefaultStore(dir).String()))
	if p.Cache, err = s.processCache(); err != nil {
		return nil, err
	}
	store, err := s.store(ctx, p.Artifacts)
	if err != nil {
		return nil, err
	}
	stop, err := process.Drive(dir)
	if err != nil {
		return nil, err
	}
	return s.drive(ctx, dir, p, store, stop)
}

// prepare makes sure that the program can be run as a step, and asks for the token that steps get.
func (s *submission) prepare(ctx context.Context) error {
	if err := s.probe(ctx, literalEnv(s.runSettings())); err != nil {
		return err
	}
	return s.resolveToken(ctx)
}

// drive starts the engine and returns a handle on the run, which this process drives until stop is called.
func (s *submission) drive(ctx context.Context, dir string, p *plan.Plan, store ArtifactStore, stop func()) (h *Handle, err error) {
	defer func() {
		if err != nil {
			stop()
		}
	}()
	machine, err := engine.NewMachine(p.Engine)
	if err != nil {
		return nil, err
	}
	t := s.newTracker(p.Graph)
	t.run.open = func(_ context.Context, r record.Result) (attempt.Input, error) {
		return attempt.InputOf(r.Step, inDir(dir), store)
	}
	newCluster := func() (*process.Cluster, error) { return s.processCluster(dir, p, store, t.log) }
	cluster, err := newCluster()
	if err != nil {
		return nil, err
	}
	l := &localRun{
		tracker: t, machine: machine, plan: p, dir: dir, newCluster: newCluster,
		stop: make(chan string, 1), drain: make(chan string, 1), ending: ctx.Done(), done: make(chan struct{}),
		deadline: seconds(orDefault(s.runSettings().RunDeadline, 0)),
	}
	t.submitted()
	go func() {
		defer close(l.done) // last: whoever has waited finds the run free to be retried and deleted
		defer stop()
		l.drive(ctx, cluster, s.clientLogger())
	}()
	return &Handle{ID: s.run, run: l}, nil
}

// processCluster returns where the steps run.
func (s *submission) processCluster(
	dir string, p *plan.Plan, store ArtifactStore, output func(step string, attempt int, line string),
) (*process.Cluster, error) {
	env, deadlines := map[string][]string{}, map[string]time.Duration{}
	for _, n := range s.design.nodes {
		settings := s.stepSettings(n)
		env[n.name] = literalEnv(settings)
		deadlines[n.name] = seconds(orDefault(settings.ActiveDeadlineSeconds, 0))
	}
	return process.New(process.Config{
		Dir: dir, Args: s.args(), Plan: p, Store: store, Logger: s.clientLogger(), Output: output,
		Token: s.token, Earlier: s.earlierRuns(p, dir),
		Env:      func(step string) []string { return env[step] },
		Deadline: func(step string) time.Duration { return deadlines[step] },
		Grace:    seconds(orDefault(s.runSettings().PodStopGracePeriod, defaultStopGrace)),
	})
}
