package pipeline

import (
	"context"
	"fmt"
	"os"
)

// status returns what is known of the run now.
func (l *localRun) status(context.Context) (*Run, error) {
	select {
	case <-l.done:
		return l.tracker.run, nil
	default:
	}
	run := l.tracker.soFar()
	run.State = RunRunning
	return run, nil
}

// inDir is the run as its directory shows it.
func (l *localRun) inDir() *dirRun { return &dirRun{dir: l.dir, plan: l.plan, tracker: l.tracker} }

// delete ends the run and removes its directory.
func (l *localRun) delete(ctx context.Context) error {
	request(l.stop, "it was deleted")
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
