package engine

import (
	"context"
	"fmt"

	"github.com/org/k8sorch/internal/record"
)

// Cluster runs the attempts of one run and keeps its records. Its methods are safe for concurrent use.
//
// Errors are of two kinds. A [*Refusal] from Start is an answer: the attempt will not run as things are. It is believed
// once Confirm has not found the attempt. Any other error says nothing about the run; the driver repeats the call until it
// is answered.
type Cluster interface {
	// Watch begins to observe the run and returns once a first complete view is there. From then on until ctx ends,
	// changed is called, from any goroutine, each time something about a step has changed. It must not block.
	Watch(ctx context.Context, changed func(step string)) error
	// View returns what is known of a step. It may lag behind the truth but not behind what this Cluster itself wrote.
	View(step string) Observation
	// Start begins an attempt. Starting one that exists already adopts it. One whose answer was lost is not started again
	// when the view has it, or a result of the step. A cluster that has the step's value from an earlier run records that
	// instead, as the result of attempt 0, before Start returns.
	Start(ctx context.Context, step string, attempt int) error
	// Remove ends the attempt with this UID and takes it away. One that is gone already is no error.
	Remove(ctx context.Context, step string, attempt int, uid string) error
	// ForceRemove takes the attempt with this UID away, which is on its way out, and does not wait for its process: that may
	// go on where nobody can reach it.
	ForceRemove(ctx context.Context, step string, attempt int, uid string) error
	// Commit makes the step's result record, with the value when it is inline, and returns the record that stands:
	// another one when the step had one already.
	Commit(ctx context.Context, result record.Result, value []byte) (record.Result, error)
	// Close makes the record of an attempt that ended without a result. One that exists already stands.
	Close(ctx context.Context, closing record.Attempt) error
	// Confirm reads the truth, past every cache.
	Confirm(ctx context.Context, step string, attempt int) (Confirmation, error)
}

// Confirmation is the truth about one attempt at the time it was read.
type Confirmation struct {
	// RunGone tells that the run itself was deleted or is being deleted: nothing may be started any more.
	RunGone bool
	// Result is the step's result record, if there is one.
	Result *record.Result
	// Closed is the attempt's record, if it has one.
	Closed *record.Attempt
	// Sighting is the attempt, if it exists.
	Sighting *Sighting
}

// Refusal is the cluster's final answer to the start of an attempt.
type Refusal struct {
	// Queued tells that the attempt has to wait its turn (a quota, for one): it spends no budget.
	Queued bool
	// Permanent tells that asking again would be answered the same.
	Permanent bool
	// Reason is one word in CamelCase; Message is the cluster's own.
	Reason, Message string
}

// Error implements error.
func (r *Refusal) Error() string { return fmt.Sprintf("%s: %s", r.Reason, r.Message) }
