package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func TestSucceededAttemptIsLeftToExit(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.observe("s0", engine.Observation{Result: result("s0", 1), Sightings: []engine.Sighting{running(1)}})
	r.expect()
	if !r.Done() {
		t.Error("the run is not done though its result is recorded")
	}
}

func TestLitterOfASuccessIsRemoved(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(2))
	sg := reported("s0", 1)
	sg.Litter = true
	r.observe("s0", engine.Observation{Result: result("s0", 1), Sightings: []engine.Sighting{sg}})
	r.expect("remove s0/1", "start s1/1")
	r.answer("s0", engine.Answer{})
	r.expect()
	sg.Deleting = true
	r.see("s0", sg)
	r.expect()
}

func TestAttemptThatWillLeaveLitterIsRemovedWithItsResult(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	sg := running(1)
	sg.Litter = true
	r.see("s0", sg)
	r.expect()
	r.observe("s0", engine.Observation{Result: result("s0", 1), Sightings: []engine.Sighting{sg}})
	r.expect("remove s0/1")
	if r.Done() {
		t.Error("the run is done before its last step is removed")
	}
	r.answer("s0", engine.Answer{})
	r.expect()
	if !r.Done() {
		t.Error("the run is not done")
	}
}

func TestLitterOfAFailureIsGoneBeforeTheNextAttempt(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	sg := failed(1)
	sg.Litter = true
	r.see("s0", sg)
	r.expect("close s0/1")
	r.answer("s0", engine.Answer{})
	r.expect("remove s0/1")
	r.answer("s0", engine.Answer{})
	r.expect()
	r.see("s0")
	r.expect("confirm s0/1")
}

func TestAttemptThatIsOverKeepsItsPlaceForItsLog(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.see("s0", failed(1))
	r.expect("close s0/1")
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.shown("s0", failed(1))
	r.expect()
	if got := r.Status("s0").State; got != engine.Retrying {
		t.Errorf("state = %s, want Retrying", got)
	}
}

// late has the result of a first attempt turn up while the second is being started.
func late(t *testing.T) *rig {
	t.Helper()
	p := chain(1)
	p.Steps[0].Lost.Delay = 0
	r := newRig(t, p)
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Lost)}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("start s0/2")
	r.succeed("s0", 1)
	r.expect()
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/2")
	if r.Done() {
		t.Error("the run is done while an attempt is unaccounted for")
	}
	return r
}

func TestAttemptThatNobodyNeedsIsRemoved(t *testing.T) {
	t.Parallel()
	r := late(t)
	r.shown("s0", running(2))
	if r.Done() {
		t.Error("the run is done before the machine has looked at the answer")
	}
	r.expect("remove s0/2")
	r.answer("s0", engine.Answer{})
	r.expect()
	if !r.Done() {
		t.Error("the run is not done though nothing is left to do")
	}
}

func TestAttemptThatNeverWasIsForgotten(t *testing.T) {
	t.Parallel()
	r := late(t)
	r.absent("s0")
	r.expect()
	if !r.Done() {
		t.Error("the run is not done though nothing is left to do")
	}
}

// ahead has an attempt in view of a step that needs another one, which has failed as far as the machine knows: whoever began
// the attempt knew more.
func ahead(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, chain(2))
	r.observe("s0", engine.Observation{Closed: []record.Attempt{{Attempt: 1, End: record.End{Outcome: record.Failed, Permanent: true}}}})
	r.see("s1", running(1))
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.ends("s0", record.Failed)
	return r
}

func TestAttemptThatARivalHasBegunIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := ahead(t)
	r.succeed("s0", 2)
	r.succeed("s1", 1)
	r.expect()
	if got := r.Outcome(); !r.Done() || got != record.Succeeded {
		t.Errorf("done: %t, outcome %s, want Succeeded", r.Done(), got)
	}
}

func TestAttemptThatARivalHasBegunIsNotTriedAgainBeforeItsNeedsAreKnown(t *testing.T) {
	t.Parallel()
	r := ahead(t)
	r.see("s1", failed(1))
	r.expect("close s1/1")
	r.answer("s1", engine.Answer{})
	r.expect("confirm s1/1")
	r.absent("s1")
	r.sleep(time.Hour)
	r.expect()
	if st := r.Status("s1"); st.State != engine.Retrying || st.Why != "attempt 1 ended as Failed; the next one waits for the record of a step that it needs" {
		t.Errorf("status = %+v", st)
	}
	r.succeed("s0", 2)
	r.expect("start s1/2")
}

func TestAttemptThatARivalHasBegunHasARecordBeforeItIsRemoved(t *testing.T) {
	t.Parallel()
	r := ahead(t)
	r.Stop("enough")
	r.expect("close s1/1")
	r.answer("s1", engine.Answer{})
	r.expect("remove s1/1")
	r.answer("s1", engine.Answer{})
	r.expect()
	r.see("s1")
	r.expect("confirm s1/1")
	r.absent("s1")
	r.expect()
	r.ends("s1", record.Stopped)
}

func TestAttemptOnItsWayOutDoesNotHideOthers(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	leaving := running(2)
	leaving.Deleting = true
	r.observe("s0", engine.Observation{Result: result("s0", 1), Sightings: []engine.Sighting{leaving, running(3)}})
	r.expect("remove s0/3")
}

// The record of a step may be in view before its pod is: the watches are two, and the answer to the start may be lost.
func TestAttemptThatNobodySawIsLookedForOnceItsResultIsThere(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.succeed("s0", 1)
	r.expect()
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	if r.Done() {
		t.Error("the run is done though nobody knows what its attempt leaves running")
	}
	sg := running(1)
	sg.Litter = true
	r.shown("s0", sg)
	r.expect("remove s0/1")
	r.answer("s0", engine.Answer{})
	r.expect()
	if !r.Done() {
		t.Error("the run is not done")
	}
}

func TestLitterThatIsOutOfSightIsLookedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	sg := running(1)
	sg.Litter = true
	r.see("s0", sg)
	r.expect()
	r.succeed("s0", 1)
	r.expect("confirm s0/1")
	r.shown("s0", sg)
	r.expect("remove s0/1")
	r.answer("s0", engine.Answer{})
	r.see("s0")
	r.expect()
	if !r.Done() {
		t.Error("the run is not done")
	}
}
