package pipeline

import (
	"context"
	"fmt"
)

// status returns what is known of the run now.
func (l *localRun) status(context.Context) (*Run, error) {
	run := l.tracker.soFar()
	if run.State == RunDone {
		return run, nil
	}
	run.State = RunRunning
	if why := l.asked.Load(); why != nil {
		run.State, run.Message = RunStopping, *why
	}
	return run, nil
}

// inDir is the run as any process sees it.
func (l *localRun) inDir() *dirRun { return &dirRun{dir: l.dir, plan: l.plan, tracker: l.tracker} }

func (l *localRun) logs(ctx context.Context, q LogQuery, tell func(Event)) error {
	return l.inDir().logs(ctx, q, tell)
}

// delete ends the run and removes its directory.
func (l *localRun) delete(ctx context.Context) error {
	if err := l.requestStop(ctx, "it was deleted"); err != nil {
		return err
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		return fmt.Errorf("deleting run %s, which has not ended yet: %w", l.tracker.run.ID, context.Cause(ctx))
	}
	return l.inDir().delete(ctx)
}

func (l *localRun) why(ctx context.Context) ([]Explanation, error) {
	run, err := l.status(ctx)
	if err != nil {
		return nil, err
	}
	return explain(run, l.plan.Engine), nil
}
