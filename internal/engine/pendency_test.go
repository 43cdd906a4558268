package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// pend has an attempt in view that waits for the given reason.
func pend(t *testing.T, reason string) *rig {
	t.Helper()
	p := chain(1)
	p.Steps[0].FailOn = map[string]time.Duration{"ErrImagePull": 10 * time.Second, "ImagePullBackOff": 20 * time.Second}
	r := newRig(t, p)
	r.expect("start s0/1")
	r.see("s0", waiting(1, reason))
	r.answer("s0", engine.Answer{})
	r.expect()
	return r
}

func TestAttemptThatDoesNotStartIsClosedAfterTheTimeout(t *testing.T) {
	t.Parallel()
	r := pend(t, "Unschedulable")
	r.wakesIn(startupTimeout)
	r.sleep(startupTimeout)
	r.expect("confirm s0/1")
	r.shown("s0", waiting(1, "Unschedulable"))
	r.expect("close s0/1")
	want := record.End{Outcome: record.NotStarted, Reason: "StartupTimeout", Message: "it did not start within 1m0s; last seen: Unschedulable"}
	if got := r.last["s0"].Closing.End; got != want {
		t.Errorf("end = %+v, want %+v", got, want)
	}
}

func TestAttemptThatRunsInTruthIsNotTimedOut(t *testing.T) {
	t.Parallel()
	for name, truth := range map[string]engine.Sighting{
		"running": running(1), "queued": {Attempt: 1, UID: "u", Phase: engine.Queued},
		"on its way out": {Attempt: 1, UID: "u", Phase: engine.Waiting, Deleting: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := pend(t, "Unschedulable")
			r.sleep(startupTimeout)
			r.expect("confirm s0/1")
			r.shown("s0", truth)
			r.expect()
		})
	}
}

func TestAttemptThatIsGoneInTruthIsLostThoughTheViewShowsItWaiting(t *testing.T) {
	t.Parallel()
	r := pend(t, "Unschedulable")
	r.sleep(startupTimeout)
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("close s0/1")
	if got := r.last["s0"].Closing.Outcome; got != record.Lost {
		t.Errorf("outcome = %s, want Lost", got)
	}
}

func TestStaleConfirmationDoesNotTimeOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.expect("start s0/1")
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.shown("s0", waiting(1, "Unschedulable"))
	r.see("s0", waiting(1, "Unschedulable"))
	r.expect()
	r.sleep(startupTimeout)
	r.expect("confirm s0/1")
}

func TestFatalReasonsEndAnAttemptAfterTheirGrace(t *testing.T) {
	t.Parallel()
	r := pend(t, "ErrImagePull")
	r.wakesIn(10 * time.Second)
	r.sleep(8 * time.Second)
	// The grace counts from the first of the reasons, which alternate.
	r.see("s0", waiting(1, "ImagePullBackOff"))
	r.expect()
	r.sleep(2 * time.Second)
	r.expect()
	r.wakesIn(10 * time.Second)
	r.sleep(10 * time.Second)
	r.expect("confirm s0/1")
	r.shown("s0", waiting(1, "ImagePullBackOff"))
	r.expect("close s0/1")
	if got := r.last["s0"].Closing.End; !got.Permanent || got.Reason != "ImagePullBackOff" || got.Outcome != record.NotStarted {
		t.Errorf("end = %+v, want a permanent NotStarted for ImagePullBackOff", got)
	}
}

func TestFatalReasonSetsAnEarlierTimer(t *testing.T) {
	t.Parallel()
	r := pend(t, "ContainerCreating")
	r.wakesIn(startupTimeout)
	r.see("s0", waiting(1, "ErrImagePull"))
	r.expect()
	r.wakesIn(10 * time.Second)
}

func TestReasonThatPassesIsForgotten(t *testing.T) {
	t.Parallel()
	r := pend(t, "ErrImagePull")
	r.sleep(9 * time.Second)
	r.see("s0", waiting(1, "ContainerCreating"))
	r.sleep(time.Second)
	r.see("s0", waiting(1, "ErrImagePull"))
	r.expect()
	r.wakesIn(10 * time.Second)
}

func TestNoClockCountsInAQueue(t *testing.T) {
	t.Parallel()
	r := pend(t, "Unschedulable")
	r.sleep(startupTimeout / 2)
	r.see("s0", engine.Sighting{Attempt: 1, UID: "u", Phase: engine.Queued, Reason: "SchedulingGated", Message: "held back by kueue.x-k8s.io/admission"})
	r.sleep(time.Hour)
	r.expect()
	st := r.Status("s0")
	if st.State != engine.State(engine.Queued) || st.Why != "SchedulingGated: held back by kueue.x-k8s.io/admission" || len(st.Closed) > 0 {
		t.Errorf("status = %+v, want it queued, with its reason, and nothing spent", st)
	}
	r.see("s0", waiting(1, "Unschedulable"))
	r.expect()
	r.wakesIn(startupTimeout)
}

func TestEachAttemptHasItsOwnClock(t *testing.T) {
	t.Parallel()
	r := pend(t, "Unschedulable")
	r.sleep(startupTimeout / 2)
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Lost)}, Sightings: []engine.Sighting{waiting(2, "Unschedulable")}})
	r.sleep(startupTimeout / 2)
	r.expect()
	r.wakesIn(startupTimeout / 2)
}

func TestWithoutATimeoutAnAttemptMayWaitForEver(t *testing.T) {
	t.Parallel()
	p := chain(1)
	p.Steps[0].StartupTimeout, p.Steps[0].FailOn = 0, nil
	r := newRig(t, p)
	r.see("s0", waiting(1, "Unschedulable"))
	r.sleep(1000 * time.Hour)
	r.expect()
	r.wakesIn(0)
}

func TestReasonWithoutAGraceEndsAnAttemptAtOnce(t *testing.T) {
	t.Parallel()
	p := chain(1)
	p.Steps[0].FailOn = map[string]time.Duration{"InvalidImageName": 0}
	r := newRig(t, p)
	invalid := waiting(1, "InvalidImageName")
	invalid.Message = "couldn't parse image name"
	r.see("s0", invalid)
	r.expect("confirm s0/1")
	r.shown("s0", invalid)
	r.expect("close s0/1")
	want := record.End{Outcome: record.NotStarted, Reason: "InvalidImageName", Message: "couldn't parse image name", Permanent: true}
	if got := r.last["s0"].Closing.End; got != want {
		t.Errorf("end = %+v, want %+v", got, want)
	}
}
