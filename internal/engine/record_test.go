package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func TestRecordWinsOverTheAttemptsEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.observe("s0", engine.Observation{
		Result: result("s0", 1), Closed: []record.Attempt{closed("s0", 1, record.Failed)}, Sightings: []engine.Sighting{failed(1)},
	})
	r.expect()
	r.ends("s0", record.Succeeded)
}

func TestRecordIsNotForgottenByAViewThatLags(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(2))
	r.observe("s0", engine.Observation{Result: result("s0", 1), Closed: []record.Attempt{closed("s0", 1, record.Lost)}})
	r.see("s0", running(1))
	r.expect("start s1/1")
	if st := r.Status("s0"); st.Outcome != record.Succeeded || len(st.Closed) != 1 {
		t.Errorf("status = %+v", st)
	}
}

func TestSuccessReleasesSuccessorsOnce(t *testing.T) {
	t.Parallel()
	p := fan(1)
	p.Steps = append(p.Steps, engine.Step{Name: "join", Needs: []string{"root", stepName(0), "root"}})
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1")
	r.answer("s0", engine.Answer{})
	for range 3 {
		r.see("s0", running(1))
		r.succeed("root", 1)
		r.expect()
	}
	r.succeed("s0", 1)
	r.expect("start join/1")
}

func TestCommitTakesTheRecordThatStands(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.see("s0", reported("s0", 2))
	r.expect("commit s0/2")
	r.answer("s0", engine.Answer{Standing: result("s0", 1)})
	r.expect()
	if got := r.Status("s0").Result.Attempt; got != 1 {
		t.Errorf("the result is attempt %d's, want 1's, whose record stood", got)
	}
}

func TestRecordedDependentCountsThoughItsNeedFailed(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(3))
	r.observe("s0", engine.Observation{Closed: []record.Attempt{{Attempt: 1, End: record.End{Outcome: record.Failed, Permanent: true}}}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.succeed("s1", 1)
	r.expect("start s2/1")
	r.ends("s0", record.Failed)
	r.ends("s1", record.Succeeded)
}

// A step that was given up succeeds when its record turns up late: an orchestrator restarted at that time would count it.
func TestLateRecordTakesTheConsequencesBack(t *testing.T) {
	t.Parallel()
	for _, mode := range []engine.Mode{engine.ContinueOnFailure, engine.StopOnFailure, engine.FailFast} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			p := chain(2)
			p.Mode = mode
			p.Steps = append(p.Steps, engine.Step{Name: "other"}, engine.Step{Name: "unbegun", Needs: []string{"other"}})
			r := newRig(t, p)
			r.observe("s0", engine.Observation{Closed: []record.Attempt{{Attempt: 1, End: record.End{Outcome: record.Lost, Permanent: true}}}})
			r.see("other", failed(1))
			r.expect("close other/1", "confirm s0/1")
			r.absent("s0")
			r.expect()
			r.ends("s1", record.Skipped)
			r.succeed("s0", 1)
			r.expect("start s1/1")
			r.ends("s0", record.Succeeded)
			r.ends("unbegun", "")
		})
	}
}

// What was reported as a success stays one, also while something is under way for its step.
func TestLateRecordTakesNoSuccessBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, engine.Plan{Steps: []engine.Step{{Name: "a"}, {Name: "b"}, {Name: "join", Needs: []string{"a", "b"}}}})
	r.observe("a", engine.Observation{Result: result("a", 1), Sightings: []engine.Sighting{running(2)}})
	r.observe("b", engine.Observation{Closed: []record.Attempt{closed("b", 1, record.Lost)}})
	r.expect("confirm b/1", "remove a/2")
	r.absent("b")
	r.expect()
	r.ends("join", record.Skipped)
	r.succeed("b", 1)
	r.expect("start join/1")
	r.ends("a", record.Succeeded)
}

func TestViewerTakesBackWhatALateRecordRefutes(t *testing.T) {
	t.Parallel()
	r := newViewerRig(t, chain(2))
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Stopped)}})
	r.expect()
	if !r.Done() {
		t.Error("the viewer is not done though nothing is left to see")
	}
	r.succeed("s0", 1)
	r.succeed("s1", 1)
	r.expect()
	if got := r.Outcome(); !r.Done() || got != record.Succeeded {
		t.Errorf("done: %t, outcome %s", r.Done(), got)
	}
}

func TestStepThatARivalBeganIsNotSkipped(t *testing.T) {
	t.Parallel()
	p := engine.Plan{Mode: engine.StopOnFailure, Steps: []engine.Step{{Name: "a"}, {Name: "b"}}}
	r := newRig(t, p)
	r.observe("a", engine.Observation{Closed: []record.Attempt{closed("a", 1, record.Failed)}})
	r.expect("confirm a/1")
	r.absent("a")
	r.expect()
	r.ends("b", record.Skipped)
	r.see("b", running(1))
	r.expect()
	r.ends("b", "")
	r.succeed("b", 1)
	r.expect()
	r.ends("b", record.Succeeded)
}

func TestAttemptsOfARivalAreTakenOver(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.see("s0", running(2))
	r.expect()
	r.see("s0", failed(2))
	r.expect("close s0/2")
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("confirm s0/2")
	r.absent("s0")
	r.wakesIn(0)
	r.expect()
	r.sleep(time.Second)
	r.expect("start s0/3")
}

func TestReadyStepThatARivalBeganIsLeftAlone(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.MaxParallelism = 1
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1")
	r.see("s1", running(3))
	r.see("s0", running(1))
	r.answer("s0", engine.Answer{})
	r.succeed("s0", 1)
	r.expect()
	if st := r.Status("s1"); st.State != engine.State(engine.Running) || st.Attempt != 3 {
		t.Errorf("status = %+v", st)
	}
}

func TestRecordOnTheClusterReplacesTheMachinesOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.see("s0", failed(1))
	r.expect("close s0/1")
	r.answer("s0", engine.Answer{})
	permanent := closed("s0", 1, record.NotStarted)
	permanent.Permanent = true
	r.observe("s0", engine.Observation{Closed: []record.Attempt{permanent}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.ends("s0", record.NotStarted)
}

func TestEndsWithoutAMeaningCountAsFailed(t *testing.T) {
	t.Parallel()
	for _, o := range []record.Outcome{"", record.Succeeded, record.Skipped, "Exploded"} {
		r := newRig(t, engine.Plan{Steps: []engine.Step{{Name: "a"}, {Name: "b"}}})
		r.observe("a", engine.Observation{Closed: []record.Attempt{{Attempt: 1, End: record.End{Outcome: o}}}})
		r.see("b", engine.Sighting{Attempt: 1, Phase: engine.Ended, End: record.End{Outcome: o}})
		r.expect("close b/1", "confirm a/1")
		if got := r.last["b"].Closing.End; got.Outcome != record.Failed || got.Reason != "NoResult" {
			t.Errorf("%q is closed as %+v", o, got)
		}
		r.absent("a")
		r.expect()
		r.ends("a", record.Failed)
	}
}

func TestAttemptsWithoutANumberAreNone(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.observe("s0", engine.Observation{
		Closed:    []record.Attempt{closed("s0", 0, record.Failed), closed("s0", -1, record.Failed)},
		Sightings: []engine.Sighting{running(0), running(-3)},
	})
	r.expect("start s0/1")
}
