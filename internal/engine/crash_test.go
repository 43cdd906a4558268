package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// smallRun is a run so small that an orchestrator can be made to crash at each of its calls.
type smallRun struct {
	name string
	plan engine.Plan
	does does
	// stop is when the run is asked to stop, drain when it is asked to drain; 0 is never.
	stop, drain time.Duration
	// want is how the run ends, however often its orchestrator crashes.
	want record.Outcome
}

// script lets every attempt commit after a few seconds that is not named, as in "s0/1", in what it does.
func (r smallRun) script(step string, attempt int) behaviour {
	b, ok := r.does[fmt.Sprintf("%s/%d", step, attempt)]
	if !ok {
		b.kind = commits
	}
	if b.work == 0 {
		b.work = 5 * time.Second
	}
	b.wait, b.exit, b.grace = 2*time.Second, time.Second, 4*time.Second
	return b
}

// does makes a list of what attempts do that are not as the others.
type does = map[string]behaviour

func smallRuns() []smallRun {
	long := behaviour{kind: commits, work: time.Hour}
	failFast := fan(3)
	failFast.Mode = engine.FailFast
	sealing := chain(3)
	sealing.Mode = engine.StopOnFailure
	narrow := fan(3)
	narrow.MaxParallelism = 1
	return []smallRun{
		{name: "chain", want: record.Succeeded, plan: chain(3)},
		{name: "diamond", want: record.Succeeded, plan: diamond()},
		{name: "fan", want: record.Succeeded, plan: fan(3)},
		{name: "one at a time", want: record.Succeeded, plan: narrow},
		{name: "reports only", want: record.Succeeded, plan: chain(2), does: does{"s0/1": {kind: reports}, "s1/1": {kind: reports, litter: true}}},
		{name: "retry", want: record.Succeeded, plan: chain(2), does: does{"s0/1": {kind: fails}, "s0/2": {kind: lost}, "s1/1": {kind: vanishes}}},
		{name: "never starts", want: record.Succeeded, plan: chain(2), does: does{
			"s0/1": {kind: stuck}, "s0/2": {kind: refused}, "s0/3": {kind: commits, refusals: 2},
		}},
		{name: "commits, then fails", want: record.Succeeded, plan: chain(2), does: does{
			"s0/1": {kind: commitsThenFails}, "s1/1": {kind: commitsThenVanishes},
		}},
		{name: "skip on failure", want: record.Failed, plan: diamond(), does: does{"s0/1": {kind: fails, permanent: true}}},
		{name: "budget spent", want: record.Failed, plan: chain(2), does: does{"s0/1": {kind: fails}, "s0/2": {kind: fails}, "s0/3": {kind: fails}}},
		{name: "stop on failure", want: record.Failed, plan: sealing, does: does{"s1/1": {kind: cannotStart}}},
		{name: "fail fast", want: record.Failed, plan: failFast, does: does{"s0/1": {kind: fails, permanent: true}, "s1/1": long, "s2/1": long}},
		{name: "stop", want: record.Stopped, plan: diamond(), stop: 2 * time.Minute, does: does{
			"s0/1": long, "s1/1": {kind: commits, work: time.Hour, stubborn: true},
		}},
		{name: "drain", want: record.Stopped, plan: diamond(), drain: 2 * time.Minute, does: does{"s0/1": long}},
		{name: "drain that cuts nothing short", want: record.Succeeded, plan: fan(3), drain: 2 * time.Minute, does: does{"s1/1": long, "s2/1": long}},
		{name: "drain before a retry", want: record.Stopped, plan: chain(2), drain: 2 * time.Minute, does: does{"s0/1": {kind: fails, work: time.Hour}}},
		{name: "drain before a failure", want: record.Failed, plan: chain(2), drain: 2 * time.Minute, does: does{
			"s0/1": {kind: fails, permanent: true, work: time.Hour},
		}},
		{name: "drain of what waits", want: record.Stopped, plan: chain(2), drain: 2 * time.Minute, does: does{"s0/1": {kind: commits, queue: time.Hour}}},
		{name: "drain, then stop", want: record.Stopped, plan: chain(2), drain: 2 * time.Minute, stop: 4 * time.Minute, does: does{"s0/1": long}},
	}
}

// run lets the run go to its end with crashes at the given points.
func (r smallRun) run(t *testing.T, crashAt ...int) *world {
	t.Helper()
	return mustHold(t, fmt.Sprintf("crash at %v", crashAt), func() *world {
		w := newWorld(r.plan, r.script, seeded(1, r.name), faults{lag: 3})
		w.crashAt = crashAt
		if r.stop > 0 {
			w.after(r.stop, w.askToStop)
		}
		if r.drain > 0 {
			w.after(r.drain, w.askToDrain)
		}
		return w
	})
}

// outcomes returns how each step ended, and the run.
func (w *world) outcomes() map[string]record.Outcome {
	m := w.orchestrators[0].machine
	outcomes := map[string]record.Outcome{"the run": m.Outcome()}
	for _, s := range w.plan.Steps {
		outcomes[s.Name] = m.Status(s.Name).Outcome
	}
	return outcomes
}

func TestCrashAtEveryCallChangesNothing(t *testing.T) {
	t.Parallel()
	for _, r := range smallRuns() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			whole := r.run(t)
			if got := whole.outcomes()["the run"]; got != r.want {
				t.Fatalf("without a crash the run ends as %s, want %s", got, r.want)
			}
			for point := range whole.visited {
				w := r.run(t, point+1)
				if w.crashes != 1 {
					t.Fatalf("point %d of %d: %d crashes, want 1", point+1, whole.visited, w.crashes)
				}
				if diff := cmp.Diff(whole.outcomes(), w.outcomes()); diff != "" {
					t.Fatalf("a crash at point %d of %d changes the outcomes (-want +got):\n%s", point+1, whole.visited, diff)
				}
			}
		})
	}
}

func TestTwoCrashesChangeNothing(t *testing.T) {
	t.Parallel()
	for _, r := range smallRuns() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			whole := r.run(t)
			for first := range whole.visited {
				// A second crash tells something new in an orchestrator's first moments.
				for _, then := range []int{1, 2, 3, 5, 8, 13} {
					w := r.run(t, first+1, first+1+then)
					if diff := cmp.Diff(whole.outcomes(), w.outcomes()); diff != "" {
						t.Fatalf("crashes at points %d and %d change the outcomes (-want +got):\n%s", first+1, first+1+then, diff)
					}
				}
			}
		})
	}
}
