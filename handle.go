package pipeline

import "context"

// Handle is a run that was submitted.
type Handle struct {
	// ID names the run.
	ID string

	run heldRun
	// detached returns what is known of a run that is not Synchronous; it is nil for the others.
	detached func() *Run
}

// heldRun is what a handle is on: a run on a cluster, or one of child processes.
type heldRun interface {
	wait(ctx context.Context) (*Run, error)
	requestStop(ctx context.Context, reason string) error
	// requestDrain is the graceful stop.
	requestDrain(ctx context.Context, reason string) error
	status(ctx context.Context) (*Run, error)
	logs(ctx context.Context, q LogQuery, tell func(Event)) error
	why(ctx context.Context) ([]Explanation, error)
	delete(ctx context.Context) error
	// follow tells fn what happens until the run ends or ctx does.
	follow(ctx context.Context, fn func(Event))
}

// Wait follows the run to its end, also one that is not Synchronous. The *Run is never nil. The error is a [*RunError]
// when the run ended without success. It wraps [ErrInterrupted] when ctx ended first, and [ErrTimeout] when the Timeout of
// the settings has passed: the *Run is then what is known so far.
func (h *Handle) Wait(ctx context.Context) (*Run, error) { return h.run.wait(ctx) }

// WaitIfSynchronous is Wait for a run that is Synchronous, as its settings say. Any other is not waited for: the *Run has no
// outcomes then, and there is no error.
func (h *Handle) WaitIfSynchronous(ctx context.Context) (*Run, error) {
	if h.detached != nil {
		return h.detached(), nil
	}
	return h.run.wait(ctx)
}

// Stop asks the run to end: steps that are running are stopped, no further one begins. It does not wait for that. What it
// cuts short makes the run end as [Stopped].
//
// On Kubernetes the annotation k8sorch.io/stop on the run's Job does the same; its value is the reason.
func (h *Handle) Stop(ctx context.Context, reason string) error {
	return h.run.requestStop(ctx, reason)
}

// Drain asks the run to end with what it is doing, the graceful form of [Handle.Stop]: attempts that are running are let
// finish, and no further attempt begins, neither of a step nor of one that is to be retried. An attempt that does not run
// yet, such as a pod that waits for a node, is stopped. Drain does not wait for that, and a Stop that follows it is heeded.
// A run in which it cuts nothing short ends as it would have.
//
// On Kubernetes the annotation k8sorch.io/drain on the run's Job does the same; its value is the reason. The run's
// orchestrator heeds it: where that does not run (it is suspended, or waits for a node itself), nothing begins, but the run
// does not end either until it does.
func (h *Handle) Drain(ctx context.Context, reason string) error {
	return h.run.requestDrain(ctx, reason)
}

// Delete deletes the run and everything that belongs to it: pods, records, logs. What runs is ended without further ado. It
// does not wait for that, and a run that is gone already is no error. Pods and records that SkipOwnerReferences has made
// without owners stay. Of a run of child processes it deletes the directory, once the run has ended: one that this process began
// is stopped and waited for, and one that another process drives is refused with [ErrNotOver].
func (h *Handle) Delete(ctx context.Context) error { return h.run.delete(ctx) }

// ended returns the error that belongs to a run which has ended.
func ended(run *Run) (*Run, error) {
	if run.Outcome == Succeeded {
		return run, nil
	}
	return run, &RunError{Run: run}
}
