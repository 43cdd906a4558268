package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// pair is a plan of two steps and one that needs the first of them, each without a further attempt.
func pair(mode engine.Mode) engine.Plan {
	return engine.Plan{Mode: mode, Steps: []engine.Step{
		{Name: "a"}, {Name: "b", Lost: engine.Budget{Retries: 1, Delay: time.Minute}}, {Name: "after-a", Needs: []string{"a"}},
		{Name: "late"},
	}, MaxParallelism: 2}
}

// failA lets both steps begin and the first one fail.
func failA(t *testing.T, mode engine.Mode) *rig {
	t.Helper()
	r := newRig(t, pair(mode))
	r.expect("start a/1", "start b/1")
	r.see("a", running(1))
	r.see("b", running(1))
	r.answer("a", engine.Answer{})
	r.answer("b", engine.Answer{})
	r.see("a", failed(1))
	r.expect("close a/1")
	r.answer("a", engine.Answer{})
	r.expect("confirm a/1")
	r.absent("a")
	return r
}

func TestContinueOnFailure(t *testing.T) {
	t.Parallel()
	for _, mode := range []engine.Mode{engine.ContinueOnFailure, ""} {
		r := failA(t, mode)
		r.expect("start late/1")
		r.ends("a", record.Failed)
		r.ends("after-a", record.Skipped)
		if got := r.Status("after-a").Why; got != `step "a" did not succeed` {
			t.Errorf("why = %q", got)
		}
	}
}

func TestStopOnFailure(t *testing.T) {
	t.Parallel()
	r := failA(t, engine.StopOnFailure)
	r.expect()
	r.ends("late", record.Skipped)
	if got := r.Status("late").Why; got != `step "a" ended as Failed` {
		t.Errorf("why = %q", got)
	}
	// What has begun is finished, retries included.
	r.observe("b", engine.Observation{Closed: []record.Attempt{closed("b", 1, record.Lost)}})
	r.expect("confirm b/1")
	r.absent("b")
	r.expect()
	r.wakesIn(time.Minute)
	r.sleep(time.Minute)
	r.expect("start b/2")
	r.see("b", running(2))
	r.succeed("b", 2)
	r.answer("b", engine.Answer{})
	r.expect()
	if got := r.Outcome(); !r.Done() || got != record.Failed {
		t.Errorf("done: %t, outcome %s", r.Done(), got)
	}
}

func TestFailFast(t *testing.T) {
	t.Parallel()
	r := failA(t, engine.FailFast)
	r.expect("close b/1")
	if got := r.last["b"].Closing; got.Outcome != record.Stopped || got.Message != `step "a" ended as Failed` {
		t.Errorf("closing = %+v", got)
	}
	r.ends("late", record.Skipped)
	r.answer("b", engine.Answer{})
	r.expect("remove b/1")
	r.see("b")
	r.answer("b", engine.Answer{})
	r.expect("confirm b/1")
	r.absent("b")
	r.expect()
	r.ends("b", record.Stopped)
	if got := r.Outcome(); !r.Done() || got != record.Failed {
		t.Errorf("done: %t, outcome %s, want Failed", r.Done(), got)
	}
}

func TestFailFastEndsAWaitForARetry(t *testing.T) {
	t.Parallel()
	r := newRig(t, pair(engine.FailFast))
	r.observe("b", engine.Observation{Closed: []record.Attempt{closed("b", 1, record.Lost)}})
	r.observe("a", engine.Observation{Closed: []record.Attempt{closed("a", 1, record.Failed)}})
	r.expect("confirm a/1", "confirm b/1")
	r.absent("b")
	r.expect()
	r.absent("a")
	r.expect()
	r.ends("b", record.Stopped)
}

// A failure on record is enough to hold back what it would keep from beginning: an orchestrator that was restarted would
// else begin what the last one had given up.
func TestNothingBeginsOnTheBrinkOfFailure(t *testing.T) {
	t.Parallel()
	for mode, launch := range map[engine.Mode]bool{engine.ContinueOnFailure: true, engine.StopOnFailure: false, engine.FailFast: false} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, engine.Plan{Mode: mode, Steps: []engine.Step{{Name: "early"}, {Name: "failed"}}})
			r.observe("failed", engine.Observation{Closed: []record.Attempt{closed("failed", 1, record.Failed)}})
			if launch {
				r.expect("confirm failed/1", "start early/1")
				return
			}
			r.expect("confirm failed/1")
			// The result wins, and all is well again.
			r.answer("failed", engine.Answer{Confirmation: engine.Confirmation{Result: result("failed", 1)}})
			r.expect("start early/1")
		})
	}
}

func TestStoppedStepsStopNoOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, pair(engine.FailFast))
	r.observe("a", engine.Observation{Closed: []record.Attempt{closed("a", 1, record.Stopped)}})
	r.expect("confirm a/1", "start b/1")
	r.absent("a")
	r.expect("start late/1")
	r.ends("a", record.Stopped)
}
