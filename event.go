package pipeline

import "time"

// EventKind says what an [Event] is about.
type EventKind string

const (
	// RunChanged: a run was submitted, has ended, or is not waited for any longer.
	RunChanged EventKind = "run"
	// StepChanged: a step's state, attempt, reason or outcome has changed.
	StepChanged EventKind = "step"
	// AttemptEnded: an attempt of a step has ended. It is told once, whatever becomes of the step.
	AttemptEnded EventKind = "attempt"
	// LogLine: a step wrote a line.
	LogLine EventKind = "log"
	// StepProgress: a step said how far it is, with [Progress].
	StepProgress EventKind = "progress"
	// Notice: something about the run as a whole, in words.
	Notice EventKind = "notice"
	// Transfer: a part of the image was uploaded.
	Transfer EventKind = "transfer"
	// CallRepeated: a call of this process to the API server was not served, and is made again while there is need and time.
	// Clients that were given ready-made ([WithClientset]) do not tell. It is of no run, and told by whoever made the call, also
	// while an event of a run is told.
	CallRepeated EventKind = "call"
)

// Event is something that happened in a run, as the process that waits for it learns of it.
type Event struct {
	Kind EventKind `json:"kind"`
	Time time.Time `json:"time"`
	Run  string    `json:"run,omitempty"`
	// Pipeline is the name of the run's pipeline.
	Pipeline string `json:"pipeline,omitempty"`
	// Step and Attempt are set for what is about one attempt of a step. Step is the name of a step or of a hook.
	Step    string `json:"step,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	// State is where the step stands: Pending, Ready, Starting, Waiting, Queued, Running, Retrying, Ending, or Done. For
	// RunChanged it is Submitted, Done, or Left, when the wait for the run is over before the run is. For CallRepeated it is
	// Throttled, when the API server asked for patience (Retry-After), or Failed, when it gave no answer or had an error of its own.
	State string `json:"state,omitempty"`
	// Outcome is set once the state is Done, and for AttemptEnded.
	Outcome Outcome `json:"outcome,omitempty"`
	// Reason is one word in CamelCase for why an attempt did not succeed, for AttemptEnded.
	Reason string `json:"reason,omitempty"`
	// Message is why a step does not run or how it ended; a line of its log; what it says of its progress; which call was not
	// served, and why; or what a notice says.
	Message string `json:"message,omitempty"`
	// Fraction is how much of the step is done, from 0 to 1, for StepProgress.
	Fraction float64 `json:"fraction,omitempty"`
	// Started and Finished are the times of an attempt that has ended, by the clock of where it ran, and those of a run whose
	// state is Done, by the client's. Started is zero for an attempt that never ran.
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	// Done and Total count bytes, for Transfer.
	Done  int64 `json:"done,omitempty"`
	Total int64 `json:"total,omitempty"`
}
