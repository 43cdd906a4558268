package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

const stepTimeout = time.Hour

// timed is a plan of one step that may take an hour, and is retried after half a minute.
func timed() engine.Plan {
	p := chain(1)
	p.Steps[0].Timeout = stepTimeout
	p.Steps[0].Failed = engine.Budget{Retries: 9, Delay: 30 * time.Second}
	return p
}

// ran is an attempt that started so long after the first, by the cluster's clock, and has failed.
func ran(attempt int, after time.Duration) record.Attempt {
	c := closed("s0", attempt, record.Failed)
	c.Started = began().Add(after)
	return c
}

// runningSince is an attempt that started so long after the first, by the cluster's clock, and runs.
func runningSince(attempt int, after time.Duration) engine.Sighting {
	sg := running(attempt)
	sg.Started = began().Add(after)
	return sg
}

// closesFailed fails the test unless the step's attempt is closed as Failed for good.
func (r *rig) closesFailed(reason, message string) {
	r.Helper()
	want := record.End{Outcome: record.Failed, Reason: reason, Message: message, Permanent: true}
	if got := r.last["s0"].Closing.End; got != want {
		r.Fatalf("end = %+v, want %+v", got, want)
	}
}

func TestRunningAttemptEndsWithTheStepsTimeout(t *testing.T) {
	t.Parallel()
	r := newRig(t, timed())
	r.expect("start s0/1")
	r.sleep(time.Minute) // which it takes to start does not count
	r.see("s0", runningSince(1, 0))
	r.answer("s0", engine.Answer{})
	r.expect()
	r.wakesIn(stepTimeout)
	r.sleep(stepTimeout)
	r.expect("confirm s0/1")
	r.shown("s0", runningSince(1, 0))
	r.expect("close s0/1")
	r.closesFailed("DeadlineExceeded", "the step's timeout of 1h0m0s, for all of its attempts together, has passed")
	r.answer("s0", engine.Answer{})
	r.expect("remove s0/1")
	r.see("s0")
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.ends("s0", record.Failed)
}

func TestAttemptThatHasEndedInTruthIsNotTimedOut(t *testing.T) {
	t.Parallel()
	r := newRig(t, timed())
	r.see("s0", runningSince(1, 0))
	r.sleep(stepTimeout)
	r.expect("confirm s0/1")
	r.shown("s0", reported("s0", 1))
	r.expect("commit s0/1")
}

func TestTimeoutCountsAttemptsAndDelaysTogether(t *testing.T) {
	t.Parallel()
	r := newRig(t, timed())
	r.see("s0", runningSince(1, 0))
	r.sleep(20 * time.Minute)
	r.observe("s0", engine.Observation{Closed: []record.Attempt{ran(1, 0)}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.sleep(30 * time.Second)
	r.expect("start s0/2")
	r.see("s0", runningSince(2, time.Hour)) // a node whose clock is ahead takes nothing away
	r.answer("s0", engine.Answer{})
	r.expect()
	r.wakesIn(40*time.Minute - 30*time.Second)
}

func TestNoAttemptBeginsAfterTheStepsTimeout(t *testing.T) {
	t.Parallel()
	p := timed()
	p.Steps[0].Failed.Delay = 2 * time.Hour
	r := newRig(t, p)
	r.see("s0", runningSince(1, 0))
	r.sleep(20 * time.Minute)
	r.observe("s0", engine.Observation{Closed: []record.Attempt{ran(1, 0)}})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect()
	r.wakesIn(40 * time.Minute)
	r.sleep(40 * time.Minute)
	r.expect("close s0/2")
	r.closesFailed("DeadlineExceeded", "the step's timeout of 1h0m0s, for all of its attempts together, passed before attempt 2 could begin")
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/2")
	r.absent("s0")
	r.expect()
	r.ends("s0", record.Failed)
}

func TestQueuedRetryEndsWithTheStepsTimeout(t *testing.T) {
	t.Parallel()
	r := newRig(t, timed())
	r.see("s0", runningSince(1, 0))
	r.observe("s0", engine.Observation{Closed: []record.Attempt{ran(1, 0)}, Sightings: []engine.Sighting{{Attempt: 2, UID: "u", Phase: engine.Queued}}})
	r.expect()
	r.wakesIn(stepTimeout)
	r.sleep(stepTimeout)
	r.expect("confirm s0/2")
	r.shown("s0", engine.Sighting{Attempt: 2, UID: "u", Phase: engine.Queued})
	r.expect("close s0/2")
}

// The next orchestrator takes over twenty minutes after the third attempt started.
func TestTimeoutOutlivesTheOrchestrator(t *testing.T) {
	t.Parallel()
	history := []record.Attempt{ran(1, 0), ran(2, 10*time.Minute)}
	for name, o := range map[string]engine.Observation{
		"while an attempt runs":   {Closed: history, Sightings: []engine.Sighting{runningSince(3, 45*time.Minute)}},
		"while an attempt starts": {Closed: append(history, ran(3, 45*time.Minute)), Sightings: []engine.Sighting{waiting(4, "ContainerCreating")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := timed()
			p.Steps[0].StartupTimeout = 0
			r := newRig(t, p)
			r.observe("s0", o)
			r.expect()
			r.wakesIn(15 * time.Minute)
		})
	}
}

func TestOneWhoOnlyLooksTimesNothingOut(t *testing.T) {
	t.Parallel()
	r := newViewerRig(t, timed())
	r.see("s0", runningSince(1, 0))
	r.sleep(2 * stepTimeout)
	r.expect()
	r.ends("s0", "")
	end := ran(1, 0)
	end.Reason, end.Permanent = "DeadlineExceeded", true
	r.observe("s0", engine.Observation{Closed: []record.Attempt{end}})
	r.expect()
	r.ends("s0", record.Failed)
}
