package cli

import (
	"context"
	"errors"

	"github.com/org/k8sorch"
)

// The exit codes of the program in the process that a user started. Pods and child processes have their own.
const (
	// ExitSucceeded: the run succeeded, or there was none to make.
	ExitSucceeded = 0
	// ExitFailed: the run ended without success, or its report could not be made.
	ExitFailed = 1
	// ExitUsage: a mistake in the command line, the parameters or the pipeline, such as a run or a schedule that does not exist.
	// Nothing was made.
	ExitUsage = 2
	// ExitNotSubmitted: the run could not be submitted, or what was asked for not be done: the cluster, the registry, rights.
	ExitNotSubmitted = 3
	// ExitStopped: the run was stopped.
	ExitStopped = 4
	// ExitTimeout: the run was not over when the timeout had passed. It goes on.
	ExitTimeout = 5
	// ExitInterrupted: a signal ended this process before the run had ended (128 + SIGINT, as shells have it).
	ExitInterrupted = 130
)

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted = errors.New("interrupted by a signal")

// exitError is an error that comes with an exit code. An error without one is a mistake in the command line.
type exitError struct {
	code int
	err  error
}

// Error returns the text of the error alone.
func (e *exitError) Error() string { return e.err.Error() }

// Unwrap returns the error alone.
func (e *exitError) Unwrap() error { return e.err }

// exitCode returns the code that the process ends with.
func exitCode(err error) int {
	if err == nil {
		return ExitSucceeded
	}
	if coded, ok := errors.AsType[*exitError](err); ok {
		return coded.code
	}
	return ExitUsage
}

// notSubmitted gives the error of what did not come to be its code; one that has a code keeps it.
func notSubmitted(ctx context.Context, err error) error {
	_, coded := errors.AsType[*exitError](err)
	_, mistaken := errors.AsType[*pipeline.ValidationError](err)
	switch {
	case err == nil || coded:
		return err
	case interrupted(ctx):
		return &exitError{ExitInterrupted, err}
	case mistaken, errors.Is(err, pipeline.ErrNoRun), errors.Is(err, pipeline.ErrNoSchedule), errors.Is(err, pipeline.ErrNoCluster):
		return &exitError{ExitUsage, err}
	}
	return &exitError{ExitNotSubmitted, err}
}

// notSucceeded gives the error of a run that was submitted its code.
func notSucceeded(ctx context.Context, run *pipeline.Run, err error) error {
	switch {
	case err == nil:
		return nil
	case run != nil && run.Outcome == pipeline.Failed:
		return &exitError{ExitFailed, err}
	case interrupted(ctx):
		return &exitError{ExitInterrupted, err}
	case errors.Is(err, pipeline.ErrTimeout):
		return &exitError{ExitTimeout, err}
	case run != nil && run.Outcome == pipeline.Stopped:
		return &exitError{ExitStopped, err}
	}
	return &exitError{ExitFailed, err}
}

// interrupted tells whether a signal has ended ctx.
func interrupted(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errInterrupted) }
