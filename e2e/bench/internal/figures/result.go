package figures

import (
	"github.com/org/k8sorch/e2e/bench/internal/audit"
)

// Cell says what is run in a series, once in each of its rounds.
type Cell struct {
	// System is who runs it.
	System string `json:"system"`
	// Shape is the graph, as text.
	Shape string `json:"shape,omitzero"`
	// Kill has the orchestrator killed when half of the steps have ended, and started again.
	Kill bool `json:"kill,omitempty"`
	// Access is [Rightless] or [FromEnv] where the steps do not get at the API server as they do by default.
	Access string `json:"access,omitempty"`
	// AtOnce is how many runs of the graph there are at once, in one namespace, each with an orchestrator of its own; 0 is one.
	AtOnce int `json:"atOnce,omitempty"`
}

// How steps get at the API server, in the words of the tables.
const (
	// Rightless gives the steps an account that has neither rights nor a token.
	Rightless = "steps without a token"
	// FromEnv gives them the token of their account in a variable, and their pods no volumes.
	FromEnv = "tokens in variables"
)

// OfJobs tells whether the system has a Job for each step.
func (c Cell) OfJobs() bool { return c.System == JobComplete || c.System == PollLoop }

// Result is what one run gave. Times are in milliseconds where nothing else is said; what was not measured is left out.
type Result struct {
	Series string `json:"series"`
	Cell
	Round int `json:"round"`
	Steps int `json:"steps,omitzero"`
	// Dispatch is how long after the end of the last step that it needs a step was begun, one figure for each that needs any.
	Dispatch *Dispatch `json:"dispatch,omitempty"`
	// Seconds are from the beginning of the first step to the end of the last, StepsPerSecond what that comes to.
	Seconds        float64 `json:"seconds,omitzero"`
	StepsPerSecond float64 `json:"stepsPerSecond,omitzero"`
	// StepSeconds is the mean time from the beginning of one step of a chain to that of the next.
	StepSeconds float64 `json:"stepSeconds,omitempty"`
	// BeginSeconds is the mean time from the call that creates a step's pod to the beginning of the step's function, which is the
	// node's but for the start of a process.
	BeginSeconds float64 `json:"beginSeconds,omitempty"`
	// CriticalSeconds is how long the run takes at least, because of what its steps do.
	CriticalSeconds float64 `json:"criticalSeconds,omitempty"`
	// FirstStep is the time from the start of the orchestrator's process to its first create call, where there is but one, and
	// Restart the same of the one that was started after the first was killed.
	FirstStep float64 `json:"firstStep,omitempty"`
	Restart   float64 `json:"restart,omitempty"`
	// Lists is how long it took another client, just before that start, to list the run's pods and its records at once.
	Lists float64 `json:"lists,omitempty"`
	// Requests are what the orchestrator asked of the API server.
	Requests audit.Counts `json:"requests,omitzero"`
	// Throttled is how many requests of anyone in the namespace were answered with 429.
	Throttled int `json:"throttled,omitzero"`
	// CPU are the seconds of CPU time that the run took, by process, the orchestrator's under "orchestrator".
	CPU map[string]float64 `json:"cpu,omitempty"`
	// Memory is the peak of the resident memory so far in MB, in the same way; of several orchestrators that of the largest.
	Memory map[string]float64 `json:"memory,omitempty"`
	// Measured are what a benchmark of [OneProcess] says, by unit. Its results have nothing else.
	Measured map[string]float64 `json:"measured,omitempty"`
	// AllMemory is the sum of the peaks of orchestrators that run at once.
	AllMemory float64 `json:"allMemory,omitempty"`
}

// Dispatch is a distribution.
type Dispatch struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// DispatchOf returns the distribution of sorted values, nil of none.
func DispatchOf(sorted []float64) *Dispatch {
	if len(sorted) == 0 {
		return nil
	}
	return &Dispatch{Percentile(sorted, 50), Percentile(sorted, 90), Percentile(sorted, 99), Percentile(sorted, 100)}
}

// Orchestrator is the name of the orchestrator's process in CPU and Memory.
const Orchestrator = "orchestrator"

// perThousand returns the seconds of CPU time per 1,000 steps.
func (r Result) perThousand(process string) float64 { return r.CPU[process] * 1000 / float64(r.Steps) }

// perStep returns how many requests that are no watches the orchestrator made per step.
func (r Result) perStep() float64 { return float64(r.Requests.Total()) / float64(r.Steps) }
