package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func TestDrainLetsWhatRunsFinish(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(2))
	r.see("s0", running(1))
	r.expect()
	r.Drain("enough")
	r.expect()
	r.ends("s0", "")
	r.ends("s1", record.Skipped)
	if got := r.Status("s1").Why; got != "enough" {
		t.Errorf("why = %q, want the reason of the drain", got)
	}
	r.succeed("s0", 1)
	r.expect()
	r.ends("s0", record.Succeeded)
	if got := r.Outcome(); !r.Done() || got != record.Stopped || r.StopReason() != "enough" {
		t.Errorf("done: %t, outcome %s for %q, want it Stopped for the reason of the drain", r.Done(), got, r.StopReason())
	}
}

func TestDrainThatCutsNothingShortChangesNoOutcome(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]struct {
		see  func(*rig)
		want record.Outcome
	}{
		"a success": {func(r *rig) { r.succeed("s0", 1); r.expect() }, record.Succeeded},
		"a failure": {func(r *rig) {
			last := closed("s0", 1, record.Failed)
			last.Permanent = true
			r.observe("s0", engine.Observation{Closed: []record.Attempt{last}})
			r.expect("confirm s0/1")
			r.absent("s0")
			r.expect()
		}, record.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, chain(1))
			r.see("s0", running(1))
			r.Drain("enough")
			r.expect()
			end.see(r)
			if got := r.Outcome(); !r.Done() || got != end.want {
				t.Errorf("done: %t, outcome %s, want %s", r.Done(), got, end.want)
			}
		})
	}
}

func TestDrainBeginsNoRetry(t *testing.T) {
	t.Parallel()
	p := chain(1)
	p.Steps[0].Failed = engine.Budget{Retries: 1}
	r := newRig(t, p)
	r.see("s0", running(1))
	r.Drain("")
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Failed)}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.ends("s0", record.Stopped)
	if got := r.Outcome(); !r.Done() || got != record.Stopped {
		t.Errorf("done: %t, outcome %s, want Stopped", r.Done(), got)
	}
}

func TestDrainStopsWhatDoesNotRunYet(t *testing.T) {
	t.Parallel()
	for _, phase := range []engine.Phase{engine.Waiting, engine.Queued} {
		t.Run(string(phase), func(t *testing.T) {
			t.Parallel()
			waits := engine.Sighting{Attempt: 1, UID: "u", Phase: phase}
			r := newRig(t, chain(1))
			r.see("s0", waits)
			r.Drain("enough")
			r.expect("confirm s0/1")
			r.shown("s0", waits)
			r.expect("close s0/1")
			if got := r.last["s0"].Closing.End; got.Outcome != record.Stopped || got.Message != "enough" {
				t.Errorf("end = %+v", got)
			}
			r.answer("s0", engine.Answer{})
			r.expect("remove s0/1")
		})
	}
}

func TestDrainAsksBeforeItStopsWhatSeemsToWait(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.see("s0", waiting(1, "ContainerCreating"))
	r.Drain("enough")
	r.expect("confirm s0/1")
	r.shown("s0", running(1))
	r.expect()
	// The view shows what was, for a moment.
	r.see("s0", waiting(1, "ContainerCreating"))
	r.expect("confirm s0/1")
	r.shown("s0", running(1))
	r.expect()
	r.succeed("s0", 1)
	r.expect()
	if got := r.Outcome(); got != record.Succeeded {
		t.Errorf("outcome %s, want Succeeded", got)
	}
}

func TestStopAfterADrainIsHeeded(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(2))
	r.see("s0", running(1))
	r.Drain("enough for today")
	r.expect()
	r.Stop("at once")
	r.expect("close s0/1")
	if got := r.last["s0"].Closing.End; got.Outcome != record.Stopped || got.Message != "at once" {
		t.Errorf("end = %+v, want the reason of the stop", got)
	}
	if got := r.StopReason(); got != "at once" {
		t.Errorf("reason = %q, want that of the stop", got)
	}
}

func TestDrainOutlivesALateRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(2))
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Lost)}})
	r.expect("confirm s0/1")
	r.Drain("enough")
	r.absent("s0")
	r.expect()
	r.succeed("s0", 1)
	r.expect()
	r.ends("s0", record.Succeeded)
	r.ends("s1", record.Skipped)
}

func TestDrainSkipsWhatWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.Stagger = time.Minute
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1")
	r.answer("s0", engine.Answer{})
	r.see("s0", running(1))
	r.expect()
	r.wakesIn(time.Minute)
	r.Drain("enough")
	r.expect()
	r.wakesIn(0)
	r.ends("s1", record.Skipped)
	r.succeed("s0", 1)
	r.expect()
	if got := r.Outcome(); !r.Done() || got != record.Stopped {
		t.Errorf("done: %t, outcome %s, want Stopped", r.Done(), got)
	}
}

func TestViewerWaitsForTheEndOfTheOneThatDrains(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		begins bool
		want   record.Outcome
	}{"and the last step had begun": {true, record.Succeeded}, "and it had not": {false, record.Stopped}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newViewerRig(t, chain(2))
			r.succeed("s0", 1)
			r.Drain("enough")
			r.expect()
			if r.Done() {
				t.Fatal("the viewer takes the run for ended, though the last step may have begun")
			}
			if test.begins {
				r.see("s1", running(1))
				r.succeed("s1", 1)
				r.expect()
			}
			r.Unattended()
			r.expect()
			if got := r.Outcome(); !r.Done() || got != test.want {
				t.Errorf("done: %t, outcome %s, want %s", r.Done(), got, test.want)
			}
		})
	}
}

func TestViewerReadsTheReasonOfAStopFromTheRecords(t *testing.T) {
	t.Parallel()
	r := newViewerRig(t, chain(1))
	r.see("s0", running(1))
	r.Drain("enough for today")
	r.expect()
	stopped := record.End{Outcome: record.Stopped, Reason: "Stopped", Message: "at once"}
	r.observe("s0", engine.Observation{Closed: []record.Attempt{{Attempt: 1, End: stopped}}})
	r.expect()
	if got := r.StopReason(); !r.Done() || got != "at once" {
		t.Errorf("done: %t, reason %q, want that of the stop", r.Done(), got)
	}
}

// Whether the request came in time is not on record where a failure has cut the run short, too.
func TestRequestThatComesAfterAFailureThatStopsTheRunChangesNothing(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(*engine.Machine, string){"stop": (*engine.Machine).Stop, "drain": (*engine.Machine).Drain} {
		for _, early := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, heard early: %t", name, early), func(t *testing.T) {
				t.Parallel()
				r := newViewerRig(t, pair(engine.StopOnFailure))
				if early {
					ask(r.Machine, "enough")
				}
				r.observe("a", engine.Observation{Closed: []record.Attempt{closed("a", 1, record.Failed)}})
				r.succeed("b", 1)
				r.expect()
				ask(r.Machine, "enough")
				r.Unattended()
				r.expect()
				if got := r.Outcome(); !r.Done() || got != record.Failed {
					t.Errorf("done: %t, outcome %s, want Failed", r.Done(), got)
				}
			})
		}
	}
}
