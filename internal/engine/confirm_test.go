package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func TestUnseenStartIsAskedAboutAfterAWhile(t *testing.T) {
	t.Parallel()
	p := chain(1)
	p.Confirm = 10 * time.Second
	r := newRig(t, p)
	r.expect("start s0/1")
	r.sleep(time.Second)
	r.answer("s0", engine.Answer{})
	r.expect()
	r.wakesIn(10 * time.Second)
	r.sleep(10 * time.Second)
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("close s0/1")
}

func TestVanishedAttemptIsAskedAboutAtOnce(t *testing.T) {
	t.Parallel()
	p := chain(1)
	p.Confirm = time.Minute
	r := newRig(t, p)
	r.expect("start s0/1")
	r.see("s0", running(1))
	r.answer("s0", engine.Answer{})
	r.expect()
	r.see("s0")
	r.expect("confirm s0/1")
}

// vanish has an attempt vanish from view, and the truth show it all the same.
func vanish(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.see("s0", running(1))
	r.answer("s0", engine.Answer{})
	r.see("s0")
	r.expect("confirm s0/1")
	r.shown("s0", running(1))
	r.expect()
	return r
}

func TestConfirmedAttemptIsBelievedForAWhile(t *testing.T) {
	t.Parallel()
	r := vanish(t)
	for range 3 {
		r.see("s0")
		r.expect()
		r.wakesIn(5 * time.Second)
	}
	r.sleep(5 * time.Second)
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("close s0/1")
}

func TestViewThatCatchesUpIsBelieved(t *testing.T) {
	t.Parallel()
	r := vanish(t)
	r.see("s0", running(1))
	r.expect()
	r.see("s0")
	r.expect("confirm s0/1")
}

func TestAbsenceIsOlderNewsThanTheAttemptThatCameIntoView(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.see("s0", running(1))
	r.absent("s0")
	r.expect()
	r.succeed("s0", 1)
	r.expect()
	r.ends("s0", record.Succeeded)
}

func TestRemovedAttemptIsWaitedFor(t *testing.T) {
	t.Parallel()
	r := vanish(t)
	r.Stop("enough")
	r.expect("close s0/1")
	r.answer("s0", engine.Answer{})
	r.expect("remove s0/1")
	r.answer("s0", engine.Answer{})
	r.expect()
	r.sleep(5 * time.Second)
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.ends("s0", record.Stopped)
}

func TestRunThatIsGoneIsLeftAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, fan(2))
	r.observe("root", engine.Observation{Result: result("root", 1)})
	r.expect("start s0/1", "start s1/1")
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.answer("s0", engine.Answer{Confirmation: engine.Confirmation{RunGone: true}})
	r.answer("s1", engine.Answer{})
	r.expect()
	r.wakesIn(0)
	if !r.Halted() || r.Done() {
		t.Errorf("halted: %t, done: %t", r.Halted(), r.Done())
	}
}

func TestHaltedMachineStartsNothing(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.Stagger = time.Minute
	r := newRig(t, p)
	r.expect("start root/1")
	r.see("root", running(1))
	r.answer("root", engine.Answer{})
	r.succeed("root", 1)
	r.expect()
	r.wakesIn(time.Minute)
	r.Halt()
	r.wakesIn(0)
	r.sleep(time.Minute)
	r.expect()
}

func TestAttemptThatComesBackKeepsItsPlace(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.MaxParallelism = 1
	p.Steps[1].Failed.Delay = time.Hour
	r := newRig(t, p)
	r.succeed("root", 1)
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Failed)}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.see("s0", running(1))
	r.expect("remove s0/1")
	r.see("s0")
	r.answer("s0", engine.Answer{})
	r.expect("start s1/1")
}

func TestAttemptThatHasVanishedIsLost(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.see("s0", running(1))
	r.see("s0")
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("close s0/1")
	want := record.End{
		Outcome: record.Lost, Reason: "Vanished", Message: "it is gone from the cluster and left neither a result nor a reason",
	}
	if got := r.last["s0"].Closing.End; got != want {
		t.Errorf("end = %+v, want %+v", got, want)
	}
}

// A view that lags may have the record of an attempt and lack those before. What they have spent counts.
func TestRecordsThatAreMissingAreAskedFor(t *testing.T) {
	t.Parallel()
	second := record.Attempt{Step: "s0", Attempt: 2, End: record.End{Outcome: record.Failed, Reason: "Error"}}
	first := second
	first.Attempt = 1
	for name, test := range map[string]struct {
		first *record.Attempt
		then  []string
	}{
		"there":     {&first, nil},
		"not there": {nil, []string{"start s0/3"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := chain(1)
			p.Steps[0].Failed = engine.Budget{Retries: 1}
			r := newRig(t, p)
			r.observe("s0", engine.Observation{Closed: []record.Attempt{second}})
			r.expect("confirm s0/1")
			r.answer("s0", engine.Answer{Confirmation: engine.Confirmation{Closed: test.first}})
			r.expect("confirm s0/2")
			r.absent("s0")
			r.expect(test.then...)
		})
	}
}
