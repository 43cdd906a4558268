package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// TestRunGoesOnWithoutTheAttemptOfALostNode has an attempt that would work for an hour marked as on its way out.
func TestRunGoesOnWithoutTheAttemptOfALostNode(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := chain(1)
		p.Steps[0].ForceAfter = forceAfter
		c := &fakeCluster{work: time.Hour}
		time.AfterFunc(time.Minute, func() { c.loseNode("s0", 1) })
		began := time.Now()
		j := newJourney(t, p, c)
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		var calls []string
		for _, made := range c.calls {
			calls = append(calls, made.name)
		}
		want := []string{"start s0/1", "confirm s0/1", "close s0/1", "force-remove s0/1", "confirm s0/1", "start s0/2"}
		if d := cmp.Diff(want, calls); d != "" {
			t.Errorf("calls (-want +got):\n%s", d)
		}
		if at := c.times("force-remove s0/1")[0].Sub(began); at != time.Minute+grace+forceAfter {
			t.Errorf("it is removed by force after %s", at)
		}
		if got := j.Machine.Outcome(); got != record.Succeeded {
			t.Errorf("outcome = %s, want Succeeded", got)
		}
	})
}

const (
	forceAfter = 5 * time.Minute
	grace      = 30 * time.Second
)

// cutOff has a running attempt in view that is on its way out, and does not go.
func cutOff(t *testing.T) (*rig, engine.Sighting) {
	t.Helper()
	p := chain(1)
	p.Steps[0].ForceAfter = forceAfter
	r := newRig(t, p)
	leaving := running(1)
	leaving.Deleting, leaving.Grace = true, grace
	r.see("s0", leaving)
	r.expect()
	return r, leaving
}

func TestAttemptThatDoesNotGoIsRemovedByForceOnceItsEndIsRecorded(t *testing.T) {
	t.Parallel()
	r, leaving := cutOff(t)
	r.wakesIn(grace + forceAfter)
	r.sleep(grace + forceAfter)
	r.expect("confirm s0/1")
	r.shown("s0", leaving)
	r.expect("close s0/1")
	want := record.End{Outcome: record.Lost, Reason: "ForceDeleted", Message: "it was still there 5m0s after its time to end was over, " +
		"as on a node that does not answer, and is removed by force; its process may go on"}
	if d := cmp.Diff(want, r.last["s0"].Closing.End); d != "" {
		t.Errorf("end (-want +got):\n%s", d)
	}
	r.answer("s0", engine.Answer{})
	r.expect("force-remove s0/1")
	if got := r.last["s0"].UID; got != "u" {
		t.Errorf("UID = %q, want that of the attempt", got)
	}
	r.answer("s0", engine.Answer{})
	r.see("s0")
	r.expect("confirm s0/1")
	r.absent("s0")
	r.sleep(time.Minute)
	r.expect("start s0/2")
}

func TestStoppedAttemptThatDoesNotGoIsRemovedByForce(t *testing.T) {
	t.Parallel()
	r, leaving := cutOff(t)
	r.Stop("enough")
	r.expect("close s0/1")
	r.answer("s0", engine.Answer{})
	r.expect()
	r.sleep(grace + forceAfter)
	r.expect("confirm s0/1")
	r.shown("s0", leaving)
	r.expect("force-remove s0/1")
	if got := r.Status("s0").Closed[0].Outcome; got != record.Stopped {
		t.Errorf("outcome = %s, want the one that was recorded", got)
	}
}

func TestNothingIsRemovedByForceUnlessItIsAskedFor(t *testing.T) {
	t.Parallel()
	leaving := running(1)
	leaving.Deleting, leaving.Grace = true, grace
	forced := leaving
	forced.Grace = 0
	for name, tt := range map[string]struct {
		after time.Duration
		seen  engine.Sighting
	}{
		"not asked for":                      {0, leaving},
		"on its way out by force already":    {forceAfter, forced},
		"running, and nobody has deleted it": {forceAfter, running(1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := chain(1)
			p.Steps[0].ForceAfter = tt.after
			r := newRig(t, p)
			r.see("s0", tt.seen)
			r.sleep(1000 * time.Hour)
			r.expect()
			r.wakesIn(0)
		})
	}
}

func TestAttemptThatHasEndedInTruthIsNotRemovedByForce(t *testing.T) {
	t.Parallel()
	r, _ := cutOff(t)
	r.sleep(grace + forceAfter)
	r.expect("confirm s0/1")
	r.shown("s0", reported("s0", 1))
	r.expect("commit s0/1")
}

func TestRemovalByForceIsNotRepeatedInHaste(t *testing.T) {
	t.Parallel()
	r, leaving := cutOff(t)
	for range 2 {
		r.sleep(grace + forceAfter)
		r.expect("confirm s0/1")
		r.shown("s0", leaving)
		if len(r.Status("s0").Closed) == 0 {
			r.expect("close s0/1")
			r.answer("s0", engine.Answer{})
		}
		r.expect("force-remove s0/1")
		r.answer("s0", engine.Answer{})
		// The watch has not shown its effect yet.
		r.see("s0", leaving)
		r.expect()
		r.wakesIn(grace + forceAfter)
	}
}
