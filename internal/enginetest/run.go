package enginetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// Run is a run in memory: the attempts and records that clusters on it share.
type Run struct {
	id    string
	steps map[string]Step

	mu       sync.Mutex
	results  map[string]record.Result
	values   map[string][]byte
	closed   map[string]map[int]record.Attempt
	attempts map[key]*process
	starts   []Start
	held     map[string]engine.Sighting
	deleted  bool
	changed  map[*Cluster]func(step string)
	tasks    sync.WaitGroup
}

type key struct {
	step    string
	attempt int
}

// Start is one attempt that was really begun: adopting it again is none.
type Start struct {
	Step    string
	Attempt int
}

// NewRun returns a run of these steps. One that is nil succeeds with [Value]. Attempts that are left at the end of the
// test are ended then.
func NewRun(t testing.TB, id string, steps map[string]Step) *Run {
	r := &Run{
		id: id, steps: maps.Clone(steps), results: map[string]record.Result{}, values: map[string][]byte{},
		closed: map[string]map[int]record.Attempt{}, attempts: map[key]*process{}, held: map[string]engine.Sighting{},
		changed: map[*Cluster]func(string){},
	}
	for name, step := range r.steps {
		if step == nil {
			r.steps[name] = Succeed.Step(name)
		}
	}
	t.Cleanup(r.end)
	return r
}

// end ends all attempts.
func (r *Run) end() {
	r.mu.Lock()
	r.deleted = true
	attempts := slices.Collect(maps.Values(r.attempts))
	r.mu.Unlock()
	for _, p := range attempts {
		p.cancel()
	}
	r.tasks.Wait()
}

// Starts returns the attempts that were begun, in order.
func (r *Run) Starts() []Start {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.starts)
}

// Value returns the recorded value of a step, nil when it has none.
func (r *Run) Value(step string) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.values[step]
}

// Commit implements [attempt.Committer].
func (r *Run) Commit(_ context.Context, result record.Result, value []byte) (record.Result, error) {
	r.mu.Lock()
	if r.deleted {
		r.mu.Unlock()
		return record.Result{}, attempt.Permanent{Err: fmt.Errorf("recording the result of step %q: the run is gone", result.Step)}
	}
	standing, ok := r.results[result.Step]
	if !ok {
		standing = result
		r.results[result.Step], r.values[result.Step] = result, slices.Clone(value)
	}
	r.mu.Unlock()
	r.tell(result.Step)
	return standing, nil
}

// close makes the record of an attempt.
func (r *Run) close(closing record.Attempt) {
	closing.Run = r.id
	r.mu.Lock()
	if r.closed[closing.Step] == nil {
		r.closed[closing.Step] = map[int]record.Attempt{}
	}
	if _, ok := r.closed[closing.Step][closing.Attempt]; !ok {
		r.closed[closing.Step][closing.Attempt] = closing
	}
	r.mu.Unlock()
	r.tell(closing.Step)
}

// start begins an attempt unless it exists.
func (r *Run) start(k key) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	step, known := r.steps[k.step]
	switch {
	case !known:
		return fmt.Errorf("starting step %q: the run has no such step", k.step)
	case r.deleted:
		return fmt.Errorf("starting step %q: the run is gone", k.step)
	case r.attempts[k] != nil:
		return nil
	}
	r.starts = append(r.starts, Start{k.step, k.attempt})
	role := reexec.Role{Kind: reexec.Step, Run: r.id, Step: k.step, Attempt: k.attempt, UID: fmt.Sprintf("uid-%d", len(r.starts))}
	r.attempts[k] = r.newProcess(role, step)
	return nil
}

// observe returns all that is true of a step.
func (r *Run) observe(step string) engine.Observation {
	r.mu.Lock()
	defer r.mu.Unlock()
	var o engine.Observation
	if result, ok := r.results[step]; ok {
		o.Result = &result
	}
	for _, n := range slices.Sorted(maps.Keys(r.closed[step])) {
		o.Closed = append(o.Closed, r.closed[step][n])
	}
	var attempts []int
	for k := range r.attempts {
		if k.step == step {
			attempts = append(attempts, k.attempt)
		}
	}
	slices.Sort(attempts)
	for _, n := range attempts {
		o.Sightings = append(o.Sightings, r.attempts[key{step, n}].sighting)
	}
	return o
}

// tell tells every cluster that a step has changed. The lock must not be held.
func (r *Run) tell(step string) {
	r.mu.Lock()
	told := slices.Collect(maps.Values(r.changed))
	r.mu.Unlock()
	for _, changed := range told {
		changed(step)
	}
}
