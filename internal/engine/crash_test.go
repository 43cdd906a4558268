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
	forcing := chain(2)
	forcing.Steps[0].ForceAfter = time.Minute
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
		{name: "cached step", want: record.Succeeded, plan: diamond(), does: does{"root/1": {kind: cached}, "s1/1": {kind: cached}}},
		{name: "node lost", want: record.Succeeded, plan: chain(2), does: does{"s0/1": {kind: unreachable}}},
		{name: "node lost, and its pod deleted by force", want: record.Succeeded, plan: forcing, does: does{"s0/1": {kind: unreachable}}},
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

// run lets the run go to its end, with what change does to its world.
func (r smallRun) run(t *testing.T, about string, change func(*world)) *world {
	t.Helper()
	w := mustHold(t, about, func() *world {
		w := newWorld(r.plan, r.script, seeded(1, r.name), faults{lag: 3})
		change(w)
		if r.stop > 0 {
			w.after(r.stop, w.askToStop)
		}
		if r.drain > 0 {
			w.after(r.drain, w.askToDrain)
		}
		return w
	})
	figures.ofSmall(w)
	return w
}

// whole lets the run go to its end with nothing that goes wrong but what its attempts do.
func (r smallRun) whole(t *testing.T) *world {
	t.Helper()
	w := r.run(t, "no crash", func(*world) {})
	if got := w.outcomes()["the run"]; got != r.want {
		t.Fatalf("without a crash the run ends as %s, want %s", got, r.want)
	}
	return w
}

// outcomes returns how each step ended, and the run.
func (w *world) outcomes() map[string]record.Outcome {
	m := w.last().machine
	outcomes := map[string]record.Outcome{"the run": m.Outcome()}
	for _, s := range w.plan.Steps {
		outcomes[s.Name] = m.Status(s.Name).Outcome
	}
	return outcomes
}

// TestCrashAtEveryCallChangesNothing kills the orchestrator before each call is sent, after each took effect, and after
// each was answered. What it had sent is lost, or arrives when it is dead.
func TestCrashAtEveryCallChangesNothing(t *testing.T) {
	t.Parallel()
	for _, r := range smallRuns() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			whole := r.whole(t)
			for point := range whole.visited {
				for _, lastWords := range []bool{false, true} {
					about := fmt.Sprintf("crash at point %d of %d, last words: %t", point+1, whole.visited, lastWords)
					w := r.run(t, about, func(w *world) { w.crashAt, w.lastWords = []int{point + 1}, lastWords })
					if w.crashes != 1 {
						t.Fatalf("%s: %d crashes, want 1", about, w.crashes)
					}
					if diff := cmp.Diff(whole.outcomes(), w.outcomes()); diff != "" {
						t.Fatalf("%s: the outcomes change (-want +got):\n%s", about, diff)
					}
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
			whole := r.whole(t)
			for first := range whole.visited {
				// A second crash tells something new in an orchestrator's first moments.
				for _, then := range []int{1, 2, 3, 5, 8, 13} {
					about := fmt.Sprintf("crashes at points %d and %d", first+1, first+1+then)
					w := r.run(t, about, func(w *world) { w.crashAt = []int{first + 1, first + 1 + then} })
					if diff := cmp.Diff(whole.outcomes(), w.outcomes()); diff != "" {
						t.Fatalf("%s: the outcomes change (-want +got):\n%s", about, diff)
					}
				}
			}
		})
	}
}

// TestSecondOrchestratorAtEveryCallChangesNothing starts another orchestrator beside the first one at each point.
func TestSecondOrchestratorAtEveryCallChangesNothing(t *testing.T) {
	t.Parallel()
	for _, r := range smallRuns() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			whole := r.whole(t)
			for point := range whole.visited {
				about := fmt.Sprintf("a second orchestrator at point %d of %d", point+1, whole.visited)
				w := r.run(t, about, func(w *world) { w.does, w.loose, w.rivalAt = traceable(w.does), true, point+1 })
				if diff := cmp.Diff(whole.outcomes(), w.outcomes()); diff != "" {
					t.Fatalf("%s: the outcomes change (-want +got):\n%s", about, diff)
				}
			}
		})
	}
}
