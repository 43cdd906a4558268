package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

var (
	quota  = engine.Refusal{Queued: true, Reason: "Quota", Message: "used up"}
	denied = engine.Refusal{Reason: "Denied", Message: "by policy", Permanent: true}
)

func TestRefusedStartIsClosedOnceItIsKnownNotToExist(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.refused("s0", denied)
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("close s0/1")
	if got := r.last["s0"].Closing.End; got != (record.End{Outcome: record.NotStarted, Reason: "Denied", Message: "by policy", Permanent: true}) {
		t.Errorf("closing = %+v", got)
	}
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.ends("s0", record.NotStarted)
}

func TestRefusalOfAStartThatTookEffectIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]engine.Refusal{"quota": quota, "denied": denied} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, chain(1))
			r.expect("start s0/1")
			r.refused("s0", refusal)
			r.expect("confirm s0/1")
			r.shown("s0", running(1))
			r.expect()
			if got := r.Status("s0").State; got != engine.State(engine.Running) {
				t.Errorf("state = %s, want Running", got)
			}
			r.see("s0", running(1))
			r.see("s0")
			r.expect("confirm s0/1")
			r.absent("s0")
			r.expect("close s0/1")
			if got := r.last["s0"].Closing.Outcome; got != record.Lost {
				t.Errorf("it is closed as %s, want Lost", got)
			}
		})
	}
}

func TestRefusalIsNothingToAnAttemptInView(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.see("s0", running(1))
	r.refused("s0", quota)
	r.expect()
	r.see("s0")
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("close s0/1")
	if got := r.last["s0"].Closing.Outcome; got != record.Lost {
		t.Errorf("it is closed as %s, want Lost", got)
	}
}

// queue lets a step be refused for want of quota.
func (r *rig) queue(step string) {
	r.Helper()
	r.refused(step, quota)
	r.expect("confirm " + step + "/1")
	r.absent(step)
	r.expect()
}

func TestQueuedStartIsAskedForAgainEverMoreSeldom(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	for _, seconds := range []int{5, 10, 20, 40, 60, 60} {
		r.expect("start s0/1")
		r.queue("s0")
		if st := r.Status("s0"); st.State != engine.State(engine.Queued) || st.Why != "Quota: used up" || st.Attempt != 0 {
			t.Errorf("status = %+v", st)
		}
		pause := r.Wake().Sub(r.now)
		if most := time.Duration(seconds) * time.Second; pause > most || pause < most*8/10 {
			t.Errorf("the pause is %s, want up to a fifth less than %s", pause, most)
		}
		r.sleep(pause)
	}
	r.expect("start s0/1")
	r.see("s0", running(1))
	r.answer("s0", engine.Answer{})
	r.expect()
	if st := r.Status("s0"); st.Attempt != 1 || len(st.Closed) > 0 {
		t.Errorf("status = %+v, want a first attempt that has spent nothing", st)
	}
}

// TestEndOfAnAttemptLetsAQueuedStepAskAgain shows that it asks as soon as Kubernetes has counted what is free, and, refused
// once more, soon after that.
func TestEndOfAnAttemptLetsAQueuedStepAskAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, fan(2))
	r.succeed("root", 1)
	r.expect("start s0/1", "start s1/1")
	r.see("s0", running(1))
	r.answer("s0", engine.Answer{})
	for range 3 {
		r.queue("s1")
		r.sleep(r.Wake().Sub(r.now))
		r.expect("start s1/1")
	}
	r.queue("s1")
	r.see("s0", reported("s0", 1))
	r.expect("commit s0/1")
	r.sleep(time.Second)
	r.expect("start s1/1")
	r.queue("s1")
	if pause := r.Wake().Sub(r.now); pause > 5*time.Second {
		t.Errorf("the next pause is %s, want the first one", pause)
	}
}

func TestEachEndLetsAnotherQueuedStepAskAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, fan(4))
	r.succeed("root", 1)
	r.expect("start s0/1", "start s1/1", "start s2/1", "start s3/1")
	for _, step := range []string{"s0", "s1"} {
		r.see(step, running(1))
		r.answer(step, engine.Answer{})
	}
	for _, step := range []string{"s2", "s3"} {
		r.queue(step)
	}
	for _, step := range []string{"s0", "s1"} {
		r.see(step, reported(step, 1))
		r.expect("commit " + step + "/1")
	}
	r.sleep(time.Second)
	r.expect("start s2/1", "start s3/1")
}

func TestQueuedStepIsSkippedByAStop(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.queue("s0")
	r.Stop("enough")
	r.expect()
	r.ends("s0", record.Skipped)
	if got := r.Outcome(); !r.Done() || got != record.Stopped {
		t.Errorf("done: %t, outcome %s, want Stopped", r.Done(), got)
	}
}

func TestStopWaitsForTheTruthBehindARefusal(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.Stop("enough")
	r.expect()
	r.refused("s0", quota)
	r.expect("confirm s0/1")
	r.shown("s0", running(1))
	r.expect("close s0/1")
	r.answer("s0", engine.Answer{})
	r.expect("remove s0/1")
}
