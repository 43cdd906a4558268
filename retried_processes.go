package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"

	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

// retryInProcesses begins a new generation of a run of child processes, in the run's own directory.
func (s *submission) retryInProcesses(ctx context.Context) (*Handle, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	dir, err := s.runDir()
	if err != nil {
		return nil, err
	}
	stop, err := process.Drive(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("looking for it in %s: %w", filepath.Dir(dir), ErrNoRun)
	case errors.Is(err, process.ErrDriven):
		return nil, ErrNotOver
	case err != nil:
		return nil, err
	}
	p, store, err := s.renew(ctx, dir)
	if err != nil {
		stop()
		return nil, err
	}
	return s.drive(ctx, dir, p, store, stop)
}

// runDir returns the directory of the run.
func (s *submission) runDir() (string, error) {
	base, err := s.runsDir()
	if err != nil {
		return "", fmt.Errorf("finding the place of the run: %w; set Config.Dir (flag --dir)", err)
	}
	if filepath.Base(s.run) != s.run || !filepath.IsLocal(s.run) {
		return "", ErrNoRun
	}
	return filepath.Join(base, s.run), nil
}

// renew makes the run in dir one of which nothing is over but the steps that have succeeded.
func (s *submission) renew(ctx context.Context, dir string) (*plan.Plan, ArtifactStore, error) {
	was, err := process.ReadRetried(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNoRun
	}
	if err != nil {
		return nil, nil, err
	}
	if err := s.resume(was.Plan); err != nil {
		return nil, nil, err
	}
	p := s.plan(cmp.Or(s.config.Artifacts, process.DefaultStore(dir).String()))
	if err := sameStore(was.Plan.Artifacts, p.Artifacts); err != nil {
		return nil, nil, err
	}
	store, err := s.store(ctx, p.Artifacts)
	if err != nil {
		return nil, nil, err
	}
	void, err := cache.Void(ctx, store, was.Results)
	if err != nil {
		return nil, nil, err
	}
	maps.DeleteFunc(was.Results, func(step string, _ record.Result) bool { return void[step] != nil })
	if succeeded(p, was.Results) {
		return nil, nil, ErrNoFailure
	}
	if p.Cache, err = s.processCache(); err != nil {
		return nil, nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, nil, err
	}
	number(p, was.Attempts)
	s.tellRetry(p, was.Results, void)
	return p, store, process.Renew(dir, p, withoutResults(p, was.Results))
}

// succeeded tells that every step has a result.
func succeeded(p *plan.Plan, results map[string]record.Result) bool {
	for _, step := range p.Engine.Steps {
		if _, has := results[step.Name]; !has {
			return false
		}
	}
	return true
}

// withoutResults returns the steps that are to begin without a result: those whose results do not stand, and the hooks.
func withoutResults(p *plan.Plan, results map[string]record.Result) (names []string) {
	for _, step := range p.Engine.Steps {
		if _, has := results[step.Name]; !has {
			names = append(names, step.Name)
		}
	}
	for _, hook := range p.Hooks {
		names = append(names, hook.Name)
	}
	return names
}
