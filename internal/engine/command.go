package engine

import "github.com/org/k8sorch/internal/record"

// Action is what a command does: one of the [Cluster]'s methods.
type Action string

// The actions.
const (
	Start       Action = "start"
	Remove      Action = "remove"
	ForceRemove Action = "force-remove"
	Commit      Action = "commit"
	Close       Action = "close"
	Confirm     Action = "confirm"
)

// Command is something to be done on the cluster for one step. A step has at most one under way.
type Command struct {
	Do      Action
	Step    string
	Attempt int
	// UID is the attempt's to Remove or ForceRemove.
	UID string
	// Result and Value are to be Committed.
	Result record.Result
	Value  []byte
	// Closing is the record with which to Close the attempt.
	Closing record.Attempt
}

// Answer is what the cluster said to a command.
type Answer struct {
	// Refusal is set when a Start was refused.
	Refusal *Refusal
	// Standing is the result record that stands after a Commit.
	Standing *record.Result
	// Confirmation answers a Confirm.
	Confirmation Confirmation
}
