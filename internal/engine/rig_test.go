package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// rig holds a machine and a clock, for tests that go through a few moves one by one.
type rig struct {
	*testing.T
	*engine.Machine
	now  time.Time
	last map[string]engine.Command
}

func newRig(t *testing.T, p engine.Plan) *rig {
	t.Helper()
	m, err := engine.NewMachine(p)
	if err != nil {
		t.Fatal(err)
	}
	return rigFor(t, m)
}

func newViewerRig(t *testing.T, p engine.Plan) *rig {
	t.Helper()
	m, err := engine.NewViewer(p)
	if err != nil {
		t.Fatal(err)
	}
	return rigFor(t, m)
}

func rigFor(t *testing.T, m *engine.Machine) *rig {
	t.Helper()
	return &rig{T: t, Machine: m, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), last: map[string]engine.Command{}}
}

// commands are what a machine commands in this moment, as in "start s0/1", in the order of the steps' names.
func (r *rig) commands() []string {
	var all []string
	for _, c := range r.Advance(r.now) {
		r.last[c.Step] = c
		all = append(all, fmt.Sprintf("%s %s/%d", c.Do, c.Step, c.Attempt))
	}
	slices.Sort(all)
	return all
}

// expect fails the test unless the machine now commands exactly this.
func (r *rig) expect(want ...string) {
	r.Helper()
	if diff := cmp.Diff(want, r.commands()); diff != "" {
		r.Fatalf("commands (-want +got):\n%s", diff)
	}
}

// answer answers the last command for a step.
func (r *rig) answer(step string, a engine.Answer) { r.Answer(r.last[step], a, r.now) }

// absent answers a Confirm: there is neither the attempt nor a result.
func (r *rig) absent(step string) { r.answer(step, engine.Answer{}) }

// shown answers a Confirm: this is the attempt.
func (r *rig) shown(step string, sg engine.Sighting) {
	r.answer(step, engine.Answer{Confirmation: engine.Confirmation{Sighting: &sg}})
}

// refused answers a Start.
func (r *rig) refused(step string, refusal engine.Refusal) {
	r.answer(step, engine.Answer{Refusal: &refusal})
}

// see shows the machine these attempts of a step, and no others.
func (r *rig) see(step string, sightings ...engine.Sighting) {
	r.observe(step, engine.Observation{Sightings: sightings})
}

func (r *rig) observe(step string, o engine.Observation) { r.Observe(step, o, r.now) }

// succeed shows the machine the result of a step.
func (r *rig) succeed(step string, attempt int) {
	r.observe(step, engine.Observation{Result: result(step, attempt)})
}

func (r *rig) sleep(d time.Duration) { r.now = r.now.Add(d) }

// wakesIn fails the test unless the machine wants to be woken in this time; 0 is not at all.
func (r *rig) wakesIn(want time.Duration) {
	r.Helper()
	var got time.Duration
	if wake := r.Wake(); !wake.IsZero() {
		got = wake.Sub(r.now)
	}
	if got != want {
		r.Fatalf("the machine wakes in %s, want %s", got, want)
	}
}

// ends fails the test unless the step has this outcome.
func (r *rig) ends(step string, want record.Outcome) {
	r.Helper()
	if got := r.Status(step).Outcome; got != want {
		r.Fatalf("the outcome of %s is %q, want %q", step, got, want)
	}
}

func result(step string, attempt int) *record.Result {
	return &record.Result{Step: step, Attempt: attempt, Digest: "sha256:0"}
}

func running(attempt int) engine.Sighting {
	return engine.Sighting{Attempt: attempt, UID: "u", Phase: engine.Running}
}

func waiting(attempt int, reason string) engine.Sighting {
	return engine.Sighting{Attempt: attempt, UID: "u", Phase: engine.Waiting, Reason: reason}
}

// failed is an attempt that has ended with an error.
func failed(attempt int) engine.Sighting {
	return engine.Sighting{Attempt: attempt, UID: "u", Phase: engine.Ended, End: record.End{Outcome: record.Failed, Reason: "Error"}}
}

// reported is an attempt that has ended with a result that is not recorded.
func reported(step string, attempt int) engine.Sighting {
	return engine.Sighting{Attempt: attempt, UID: "u", Phase: engine.Ended, Result: result(step, attempt)}
}

func closed(step string, attempt int, o record.Outcome) record.Attempt {
	return record.Attempt{Step: step, Attempt: attempt, End: record.End{Outcome: o, Reason: "Error"}}
}
