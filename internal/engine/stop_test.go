package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func TestStopWithoutAReasonStopsAllTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(2))
	r.Stop("")
	r.expect()
	r.ends("s0", record.Skipped)
	r.ends("s1", record.Skipped)
	if got := r.Outcome(); !r.Done() || got != record.Stopped {
		t.Errorf("done: %t, outcome %s, want Stopped", r.Done(), got)
	}
	if got := r.Status("s0").Why; got != "a stop was requested" {
		t.Errorf("why = %q", got)
	}
}

func TestStopRecordsBeforeItRemoves(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.see("s0", running(1))
	r.Stop("enough")
	r.expect("close s0/1")
	if got := r.last["s0"].Closing.End; got.Outcome != record.Stopped || got.Message != "enough" {
		t.Errorf("end = %+v", got)
	}
	r.answer("s0", engine.Answer{})
	r.expect("remove s0/1")
	if got := r.last["s0"].UID; got != "u" {
		t.Errorf("it removes UID %q, want u", got)
	}
}

func TestResultOfAStoppedAttemptWins(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*rig){
		"recorded": func(r *rig) { r.succeed("s0", 1); r.expect() },
		"reported": func(r *rig) {
			r.see("s0", reported("s0", 1))
			r.expect("commit s0/1")
			r.answer("s0", engine.Answer{Standing: result("s0", 1)})
			r.expect()
		},
		"found when it was gone": func(r *rig) {
			r.see("s0")
			r.expect("confirm s0/1")
			r.answer("s0", engine.Answer{Confirmation: engine.Confirmation{Result: result("s0", 1)}})
			r.expect()
		},
		"found with its report": func(r *rig) {
			r.see("s0")
			r.expect("confirm s0/1")
			r.shown("s0", reported("s0", 1))
			r.expect("commit s0/1")
			r.answer("s0", engine.Answer{Standing: result("s0", 1)})
			r.expect()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, chain(1))
			r.see("s0", running(1))
			r.Stop("enough")
			r.expect("close s0/1")
			r.answer("s0", engine.Answer{})
			r.expect("remove s0/1")
			r.answer("s0", engine.Answer{})
			r.expect()
			end(r)
			r.ends("s0", record.Succeeded)
			if got := r.Outcome(); got != record.Succeeded {
				t.Errorf("the run ends as %s, want Succeeded: nothing was cut short", got)
			}
		})
	}
}

func TestStopThatComesTooLateChangesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, fan(1))
	r.observe("root", engine.Observation{Closed: []record.Attempt{{Attempt: 1, End: record.End{Outcome: record.Failed, Permanent: true}}}})
	r.expect("confirm root/1")
	r.absent("root")
	r.expect()
	r.Stop("enough")
	if got := r.Outcome(); !r.Done() || got != record.Failed {
		t.Errorf("done: %t, outcome %s, want Failed", r.Done(), got)
	}
}

func TestStopThatCutsNothingShortLeavesTheFailure(t *testing.T) {
	t.Parallel()
	r := newRig(t, engine.Plan{Steps: []engine.Step{{Name: "a"}, {Name: "after-a", Needs: []string{"a"}}, {Name: "b"}}})
	r.observe("a", engine.Observation{Closed: []record.Attempt{closed("a", 1, record.Failed)}})
	r.see("b", running(1))
	r.expect("confirm a/1")
	r.absent("a")
	r.expect()
	r.Stop("enough")
	r.succeed("b", 1)
	r.expect()
	if got := r.Outcome(); !r.Done() || got != record.Failed {
		t.Errorf("done: %t, outcome %s, want Failed", r.Done(), got)
	}
}

func TestStopEndsAWaitForARetry(t *testing.T) {
	t.Parallel()
	p := chain(2)
	p.Steps[0].Failed = engine.Budget{Retries: 1, Delay: time.Hour}
	r := newRig(t, p)
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Failed)}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.Stop("enough")
	r.expect()
	r.ends("s0", record.Stopped)
	r.ends("s1", record.Skipped)
	r.wakesIn(0)
}

func TestStepOnAnUnreachableNodeIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	leaving := running(1)
	leaving.Deleting = true
	r.see("s0", leaving)
	r.Stop("enough")
	r.expect("close s0/1")
	r.answer("s0", engine.Answer{})
	r.expect()
	r.sleep(24 * time.Hour)
	r.expect()
	if st := r.Status("s0"); r.Done() || st.State != engine.Ending || st.Why != "its attempt is being removed" {
		t.Errorf("done: %t, status %+v", r.Done(), st)
	}
}
