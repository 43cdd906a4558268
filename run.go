package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// Outcome says how a run, a step or an attempt ended.
type Outcome = record.Outcome

// The outcomes.
const (
	// Succeeded: a step's value is recorded; a run's steps all succeeded.
	Succeeded = record.Succeeded
	// Failed: a step's own error, panic or exit code; in a run, a step that did not succeed.
	Failed = record.Failed
	// Lost: something took the attempts away before they could report: an eviction, a lost node, a store out of reach.
	Lost = record.Lost
	// NotStarted: the attempts never got to run: unschedulable for too long, image not pulled, refused.
	NotStarted = record.NotStarted
	// Stopped: ended on request, or because the run failed elsewhere.
	Stopped = record.Stopped
	// Skipped: never begun, because a step that it depends on did not succeed or the run was stopped.
	Skipped = record.Skipped
)

// Run is what came of a run, or what is known of it so far.
type Run struct {
	// ID names the run: the value of the label run on everything that belongs to it.
	ID string `json:"id"`
	// Pipeline is the pipeline's name.
	Pipeline string `json:"pipeline"`
	// State is where the run stands, once it has ended and in what [Handle.Status] returns; empty otherwise.
	State RunState `json:"state,omitempty"`
	// Outcome is Succeeded, Failed or Stopped; empty while the run goes on.
	Outcome Outcome `json:"outcome,omitempty"`
	// Message says more, where the run as a whole went wrong, or waits.
	Message string `json:"message,omitempty"`
	// Submitted and Finished are the client's times.
	Submitted time.Time `json:"submitted"`
	Finished  time.Time `json:"finished,omitzero"`
	// Steps are the pipeline's steps in topological order.
	Steps []StepRun `json:"steps"`
	// Hooks are those of the pipeline's hooks that the run's end called for, once it did, in the order of their
	// declaration. What becomes of them is no part of the run's outcome.
	Hooks []StepRun `json:"hooks,omitempty"`

	// open returns the encoded value of a step that has succeeded.
	open func(ctx context.Context, r record.Result) (attempt.Input, error)
}

// StepRun is what came of one step of a run.
type StepRun struct {
	// Name is the step's name.
	Name string `json:"name"`
	// State is where the step stands, one of those that [Event] lists; empty once it has an outcome.
	State string `json:"state,omitempty"`
	// Why says what keeps the step from running, where its state does not say it all.
	Why string `json:"why,omitempty"`
	// Outcome is empty while the step has none.
	Outcome Outcome `json:"outcome,omitempty"`
	// Reason is one word in CamelCase, where the step did not succeed: Error, Panic, ExitCode, OOMKilled, NoResult, ….
	Reason string `json:"reason,omitempty"`
	// Message says how it ended: the step's own error, most of the time.
	Message string `json:"message,omitempty"`
	// Attempts is how many attempts there were.
	Attempts int `json:"attempts"`
	// UID is that of the attempt which succeeded or came last: its pod's UID on Kubernetes.
	UID string `json:"uid,omitempty"`
	// Started and Finished are the times of that attempt, by the clock of where it ran; zero when the value was taken from
	// an earlier run.
	Started  time.Time `json:"started,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	// Size is the length of the encoded value in bytes.
	Size int64 `json:"size,omitempty"`
	// Cached is where the value was taken from, when it was: the step's function was not called.
	Cached *CachedValue `json:"cached,omitempty"`
	// CacheMiss says why a cached step was run all the same, in a few words: the version changed, no earlier value, ….
	CacheMiss string `json:"cache_miss,omitempty"`
	// Metadata and Metrics are what that attempt has said of itself, with [SetMetadata] and [SetMetric]; where the value was
	// taken from an earlier run, what the attempt said that made it.
	Metadata map[string]string  `json:"metadata,omitempty"`
	Metrics  map[string]float64 `json:"metrics,omitempty"`
	// MetadataDropped is how many more there were, for which the attempt's report had no room.
	MetadataDropped int `json:"metadata_dropped,omitempty"`
	// Log is the end of the log of an attempt that failed, line by line.
	Log []string `json:"log,omitempty"`

	result *record.Result
}

// CachedValue says where the value of a step was made that was taken from an earlier run.
type CachedValue struct {
	// Run is the id of the run.
	Run string `json:"run"`
	// Made is when the attempt ended that made the value, by the clock of where it ran.
	Made time.Time `json:"made"`
}

// Step returns what came of the step called name.
func (r *Run) Step(name string) (StepRun, bool) { return stepNamed(r.Steps, name) }

// all returns the steps and then the hooks.
func (r *Run) all() []StepRun { return slices.Concat(r.Steps, r.Hooks) }

func stepNamed(some []StepRun, name string) (StepRun, bool) {
	i := slices.IndexFunc(some, func(s StepRun) bool { return s.Name == name })
	if i < 0 {
		return StepRun{}, false
	}
	return some[i], true
}

// input returns the encoded value of a step.
func (r *Run) input(ctx context.Context, name string) (attempt.Input, error) {
	if r == nil {
		return attempt.Input{}, fmt.Errorf("reading the result of step %q: there is no run", name)
	}
	s, ok := r.Step(name)
	switch {
	case !ok:
		return attempt.Input{}, fmt.Errorf("reading the result of step %q: run %s of pipeline %q has no such step", name, r.ID, r.Pipeline)
	case s.result == nil:
		return attempt.Input{}, fmt.Errorf("reading the result of step %q: it has none in run %s (%s)", name, r.ID, orRunning(s.Outcome))
	}
	return r.open(ctx, *s.result)
}

func orRunning(o Outcome) string {
	if o == "" {
		return "not over yet"
	}
	return string(o)
}

// cached takes over what a result record says of the cache. The times of a value that was taken from another run are not
// those of an attempt of this one.
func (s *StepRun) cached(r record.Result) {
	if r.Cache == nil {
		return
	}
	s.CacheMiss = r.Cache.Miss
	if origin := r.TakenFrom(); origin != nil {
		s.Cached = &CachedValue{Run: origin.Run, Made: r.Finished}
		s.Started, s.Finished = time.Time{}, time.Time{}
	}
}

// stepRun turns what the engine knows of a step into what users are told.
func stepRun(st engine.Status) StepRun {
	s := StepRun{Name: st.Step, Outcome: st.Outcome, Attempts: st.Attempt, Started: st.Started, result: st.Result}
	if st.Outcome == "" {
		s.State, s.Why = string(st.State), st.Why
	}
	if st.Outcome != record.Succeeded {
		s.Reason, s.Message = st.End.Reason, st.End.Message
	}
	if st.Result != nil {
		s.UID, s.Started, s.Finished, s.Size = st.Result.UID, st.Result.Started, st.Result.Finished, st.Result.Size
		s.cached(*st.Result)
		s.describe(st.Result.Metadata)
	} else if n := len(st.Closed); n > 0 {
		last := st.Closed[n-1]
		s.UID, s.Started, s.Finished = last.UID, last.Started, last.Finished
		s.describe(last.Metadata)
	}
	return s
}
