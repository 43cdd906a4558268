package engine

import "time"

// Mode says what the failure of one step means to the others.
type Mode string

const (
	// ContinueOnFailure skips what is downstream of the failed step and runs everything else. It is the default.
	ContinueOnFailure Mode = "continue_on_failure"
	// StopOnFailure begins no further step; those that have begun are finished, their retries included.
	StopOnFailure Mode = "stop_on_failure"
	// FailFast stops the steps that are running and begins no further one.
	FailFast Mode = "fail_fast"
)

// Plan is what the machine has to know of a run.
type Plan struct {
	// Steps stand in topological order.
	Steps []Step `json:"steps"`
	// Mode is ContinueOnFailure when empty.
	Mode Mode `json:"mode,omitempty"`
	// MaxParallelism is how many attempts may be live at once; 0 means any number.
	MaxParallelism int `json:"maxParallelism,omitempty"`
	// Stagger is the least time between the starts of two attempts.
	Stagger time.Duration `json:"stagger,omitempty"`
	// Confirm is how long a started attempt may stay out of sight before the cluster is asked about it.
	Confirm time.Duration `json:"confirm,omitempty"`
}

// Step is one step of a plan.
type Step struct {
	// Name is the step's name.
	Name string `json:"name,omitempty"`
	// Needs are the names of the steps that must have succeeded first.
	Needs []string `json:"needs,omitempty"`
	// Failed is the budget for attempts that end as Failed.
	Failed Budget `json:"failed,omitzero"`
	// Lost is the budget for attempts that end as Lost.
	Lost Budget `json:"lost,omitzero"`
	// NotStarted is the budget for attempts that end as NotStarted.
	NotStarted Budget `json:"notStarted,omitzero"`
	// StartupTimeout is how long an attempt may wait to run; 0 means for ever.
	StartupTimeout time.Duration `json:"startupTimeout,omitempty"`
	// Timeout is how long all attempts of the step may take together, from the start of the first one's process; 0 means
	// for ever.
	Timeout time.Duration `json:"timeout,omitempty"`
	// Earlier is how many attempts the step had before the run was retried. They are history: attempts are numbered on from
	// there, and nothing about those before counts but a result.
	Earlier int `json:"earlier,omitempty"`
	// ForceAfter is how long after its grace an attempt that is on its way out may be there, before it is removed by force; 0
	// means for ever.
	ForceAfter time.Duration `json:"forceAfter,omitempty"`
	// FailOn are the waiting reasons that end an attempt for good, each after its grace.
	FailOn map[string]time.Duration `json:"failOn,omitempty"`
}

// Budget says how many further attempts an outcome may cost, and how long to wait before each.
type Budget struct {
	// Retries is the number of further attempts.
	Retries int `json:"retries,omitempty"`
	// Delay comes before the first of them.
	Delay time.Duration `json:"delay,omitempty"`
	// Factor multiplies the delay for each attempt after that; less than 1 counts as 1.
	Factor float64 `json:"factor,omitempty"`
	// Cap bounds the delay; 0 means no bound.
	Cap time.Duration `json:"cap,omitempty"`
	// Jitter is the part of the delay, from 0 to 1, that is left to chance.
	Jitter float64 `json:"jitter,omitempty"`
}
