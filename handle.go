package pipeline

import "context"

// Handle is a run that was submitted.
type Handle struct {
	// ID names the run.
	ID string

	wait func(context.Context) (*Run, error)
	stop func(ctx context.Context, reason string) error
	// detached returns what is known of a run that [Orchestrator.Run] does not wait for; it is nil for the others.
	detached func() *Run
}

// Wait follows the run to its end, also one that is not Synchronous. The *Run is never nil. The error is a [*RunError]
// when the run ended without success. It wraps [ErrInterrupted] when ctx ended first, and [ErrTimeout] when the Timeout of
// the settings has passed: the *Run is then what is known so far.
func (h *Handle) Wait(ctx context.Context) (*Run, error) { return h.wait(ctx) }

// Stop asks the run to end: steps that are running are stopped, no further one begins. It does not wait for that.
func (h *Handle) Stop(ctx context.Context, reason string) error { return h.stop(ctx, reason) }

// ended returns the error that belongs to a run which has ended.
func ended(run *Run) (*Run, error) {
	if run.Outcome == Succeeded {
		return run, nil
	}
	return run, &RunError{Run: run}
}
