package pipeline

import (
	"context"
	"errors"
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

// errPassing is returned for what there is of runs on a cluster only.
var errPassing = errors.New("its steps are child processes: what they write comes as events while they run, and the run ends with this process")

func (l *localRun) logs(context.Context, LogQuery, func(Event)) error {
	return fmt.Errorf("reading the logs of run %s: %w", l.tracker.run.ID, errPassing)
}

func (l *localRun) delete(context.Context) error {
	return fmt.Errorf("deleting run %s: %w", l.tracker.run.ID, errPassing)
}

func (l *localRun) why(ctx context.Context) ([]Explanation, error) {
	run, err := l.status(ctx)
	if err != nil {
		return nil, err
	}
	return explain(run, l.plan.Engine), nil
}
