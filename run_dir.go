package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

// dirRun is a run of child processes that this process may not have begun, as the run's directory shows it.
type dirRun struct {
	dir     string
	plan    *plan.Plan
	tracker *tracker
}

// openDir finds the run in its directory.
func (s *submission) openDir() (*dirRun, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	dir, err := s.runDir()
	if err != nil {
		return nil, err
	}
	p, err := process.ReadPlan(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("looking for it in %s: %w", filepath.Dir(dir), ErrNoRun)
	case err != nil:
		return nil, err
	case p.Graph.Pipeline != s.design.name:
		return nil, fmt.Errorf("%s is of pipeline %q, not of %q: %w", dir, p.Graph.Pipeline, s.design.name, ErrNoRun)
	}
	s.submitted = p.Submitted
	r := &dirRun{dir: dir, plan: p, tracker: s.newTracker(p.Graph)}
	r.tracker.run.open = func(ctx context.Context, result record.Result) (attempt.Input, error) {
		var store ArtifactStore
		err := s.checkGraph(p)
		if err == nil && !result.Inline {
			store, err = s.store(ctx, p.Artifacts)
		}
		if err != nil {
			return attempt.Input{}, fmt.Errorf("reading the result of step %q: %w", result.Step, err)
		}
		return attempt.InputOf(result.Step, inDir(dir), store)
	}
	return r, nil
}

func (r *dirRun) handle() *Handle {
	return &Handle{ID: r.plan.Run, run: r}
}

// status takes a look at the run.
func (r *dirRun) status(context.Context) (*Run, error) {
	t := r.tracker.fresh(func(Event) {})
	if err := r.look(t); err != nil {
		return nil, fmt.Errorf("reading the status of run %s: %w", r.plan.Run, err)
	}
	return t.run, nil
}

// look derives where the run stands. Whether it is driven is asked first: when it is not, no record can come any more.
func (r *dirRun) look(t *tracker) error {
	_, driven := process.Driven(r.dir)
	cluster, err := process.Look(r.dir, r.plan)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrNoRun
	case err != nil:
		return err
	}
	end, err := process.ReadEnd(r.dir)
	if err != nil {
		return err
	}
	settle := func(machine *engine.Machine) {
		if !driven || end != nil {
			machine.Unattended()
		}
	}
	machine, err := observe(r.plan.Engine, cluster.View, t, settle)
	if err != nil {
		return err
	}
	if end != nil {
		hooks := r.plan.HooksAfter(end.Outcome)
		t.expect(hooks)
		if _, err := observe(hooks, cluster.View, t, func(*engine.Machine) {}); err != nil {
			return err
		}
	}
	r.conclude(t, machine, end, driven)
	return nil
}

// conclude writes down where the run stands, which is over when nobody drives it.
func (r *dirRun) conclude(t *tracker, machine *engine.Machine, end *RunEnd, driven bool) {
	last := t.lastFinish()
	t.note(func(run *Run) {
		if run.State = RunRunning; driven {
			return
		}
		run.State, run.Finished = RunDone, last
		switch {
		case end != nil:
			run.Outcome, run.Message = end.Outcome, end.Message
		case machine.Done():
			run.Outcome, run.Message = howEnded(machine)
		default:
			run.Outcome, run.Message = Stopped, "the process that ran its steps ended before they did"
		}
	})
}

// lookEvery is how often a run is looked at that another process drives.
const lookEvery = 200 * time.Millisecond

// watch takes one look after the other, and calls looked after each, until the run is over.
func (r *dirRun) watch(ctx context.Context, t *tracker, looked func(*Run) (more bool, err error)) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		if err := r.look(t); err != nil {
			return err
		}
		run := t.soFar()
		if more, err := looked(run); err != nil || !more || run.State == RunDone {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// wait follows the run to its end.
func (r *dirRun) wait(ctx context.Context) (*Run, error) {
	lines := r.newLogReader(LogQuery{}, r.tracker.log)
	err := r.watch(ctx, r.tracker, func(run *Run) (bool, error) { return true, lines.read(run) })
	if err != nil && ctx.Err() != nil {
		r.tracker.left()
		return r.tracker.soFar(), interrupted(ctx, r.plan.Run)
	}
	r.tracker.note(func(run *Run) {
		switch {
		case errors.Is(err, ErrNoRun):
			run.State, run.Outcome, run.Message, run.Finished = RunDone, Stopped, "it was deleted", time.Now()
		case err != nil:
			run.State, run.Outcome, run.Message, run.Finished = "", Failed, err.Error(), time.Now()
		}
	})
	r.tracker.addTails()
	r.tracker.over()
	return ended(r.tracker.soFar())
}

// follow tells fn what happens until the run ends or ctx does.
func (r *dirRun) follow(ctx context.Context, fn func(Event)) {
	own := *r
	own.tracker = r.tracker.fresh(fn)
	own.tracker.quiet = r.tracker.quiet
	// How the run ended is told by Wait.
	_, _ = own.wait(ctx)
}

func (r *dirRun) why(ctx context.Context) ([]Explanation, error) {
	run, err := r.status(ctx)
	if err != nil {
		return nil, err
	}
	return explain(run, r.plan.Engine), nil
}

// requestStop cannot be: only the process that drives the run can end it.
func (r *dirRun) requestStop(context.Context, string) error {
	if pid, driven := process.Driven(r.dir); driven {
		return fmt.Errorf("stopping run %s: %w", r.plan.Run, drivenBy(pid))
	}
	return nil
}

func (r *dirRun) requestDrain(ctx context.Context, reason string) error {
	return r.requestStop(ctx, reason)
}

func (r *dirRun) delete(context.Context) error {
	err := process.Delete(r.dir)
	if errors.Is(err, process.ErrDriven) {
		pid, _ := process.Driven(r.dir)
		err = drivenBy(pid)
	}
	if err != nil {
		return fmt.Errorf("deleting run %s: %w", r.plan.Run, err)
	}
	return nil
}

// drivenBy says who drives a run, and what to do about it.
func drivenBy(pid int) error {
	who := "another process"
	if pid > 0 {
		who = fmt.Sprintf("process %d", pid)
	}
	return fmt.Errorf("%w: its steps are children of %s, which alone can end them: interrupt that, or call Handle.Stop there", ErrNotOver, who)
}
