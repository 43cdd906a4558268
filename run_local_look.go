package pipeline

import (
	"context"
	"fmt"
	"os"
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

// logs reads them from the run's directory, as any process does.
func (l *localRun) logs(ctx context.Context, q LogQuery, tell func(Event)) error {
	in := &dirRun{dir: l.dir, plan: l.plan, tracker: l.tracker}
	return in.logs(ctx, q, tell)
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
	if err := os.RemoveAll(l.dir); err != nil {
		return fmt.Errorf("deleting run %s: %w", l.tracker.run.ID, err)
	}
	return nil
}

func (l *localRun) why(ctx context.Context) ([]Explanation, error) {
	run, err := l.status(ctx)
	if err != nil {
		return nil, err
	}
	return explain(run, l.plan.Engine), nil
}
