package enginetest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/record"
)

// inBubble runs a test on a run whose only step is s. In a bubble, [synctest.Wait] returns once all attempts have ended
// or wait for something.
func inBubble(t *testing.T, s enginetest.Step, test func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := enginetest.NewRun(t, "r", map[string]enginetest.Step{"s": s})
		c := r.Cluster()
		if err := c.Watch(t.Context(), func(string) {}); err != nil {
			t.Fatal(err)
		}
		test(t, r, c)
	})
}

func start(t *testing.T, c engine.Cluster) {
	t.Helper()
	if err := c.Start(t.Context(), "s", 1); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// phase is the phase of the only sighting, empty when there is none.
func phase(t *testing.T, c engine.Cluster) engine.Phase {
	t.Helper()
	synctest.Wait()
	switch seen := c.View("s").Sightings; len(seen) {
	case 0:
		return ""
	case 1:
		return seen[0].Phase
	default:
		t.Fatalf("sightings = %+v, want one at most", seen)
		return ""
	}
}

func TestHeldAttemptRunsOnceReleased(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster) {
		r.Hold("s", engine.Queued, "Quota", "too many pods")
		start(t, c)
		got := c.View("s").Sightings[0]
		if got.Phase != engine.Queued || got.Reason != "Quota" || got.Message != "too many pods" || !got.Started.IsZero() {
			t.Errorf("held attempt = %+v, want it queued, with its reason", got)
		}
		r.Release("s")
		if got := phase(t, c); got != engine.Ended || string(r.Value("s")) != string(enginetest.Value("s")) {
			t.Errorf("released attempt is %q with the value %q, want it to have succeeded", got, r.Value("s"))
		}
	})
}

func TestHeldAttemptCanBeRemoved(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster) {
		r.Hold("s", engine.Waiting, "ImagePullBackOff", "")
		start(t, c)
		if err := c.Remove(t.Context(), "s", 1, c.View("s").Sightings[0].UID); err != nil {
			t.Fatal(err)
		}
		if got := phase(t, c); got != "" || r.Value("s") != nil {
			t.Errorf("removed attempt is %q with the value %q, want neither", got, r.Value("s"))
		}
	})
}

func TestLostAttemptEndsAsTold(t *testing.T) {
	inBubble(t, enginetest.Hang.Step("s"), func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster) {
		start(t, c)
		want := record.End{Outcome: record.Lost, Reason: "NodeLost", Message: "node 3 is gone"}
		r.Lose("s", 1, want)
		if got := phase(t, c); got != engine.Ended {
			t.Fatalf("lost attempt is %q, want it to have ended", got)
		}
		if diff := cmp.Diff(want, c.View("s").Sightings[0].End); diff != "" {
			t.Errorf("end (-want +got):\n%s", diff)
		}
	})
}

func TestVanishedAttemptLeavesNoTrace(t *testing.T) {
	inBubble(t, enginetest.Hang.Step("s"), func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster) {
		start(t, c)
		r.Vanish("s", 1)
		truth, err := c.Confirm(t.Context(), "s", 1)
		if got := phase(t, c); got != "" || err != nil || truth.Sighting != nil {
			t.Errorf("vanished attempt is %q, and confirmed as %+v (%v), want no trace", got, truth.Sighting, err)
		}
	})
}

func TestHiddenAttemptIsOnlyConfirmed(t *testing.T) {
	inBubble(t, enginetest.Hang.Step("s"), func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster) {
		c.Hide("s")
		start(t, c)
		truth, err := c.Confirm(t.Context(), "s", 1)
		if got := phase(t, c); got != "" || err != nil || truth.Sighting == nil {
			t.Errorf("hidden attempt is %q, and confirmed as %+v (%v), want it confirmed only", got, truth.Sighting, err)
		}
		if got := phase(t, r.Cluster()); got != engine.Running {
			t.Errorf("to another cluster the attempt is %q, want it to run", got)
		}
		c.Show("s")
		if got := phase(t, c); got != engine.Running {
			t.Errorf("attempt is %q after Show, want it to run", got)
		}
	})
}

func TestCallsCanBeAnsweredBefore(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster) {
		c.Before(func(call engine.Command) error {
			if call.Do == engine.Start {
				return &engine.Refusal{Reason: "Forbidden"}
			}
			return context.DeadlineExceeded
		})
		ctx := t.Context()
		refusal, refused := errors.AsType[*engine.Refusal](c.Start(ctx, "s", 1))
		if !refused || refusal.Reason != "Forbidden" || len(r.Starts()) != 0 {
			t.Errorf("Start() = %v with %v begun, want a refusal", refusal, r.Starts())
		}
		_, commit := c.Commit(ctx, record.Result{Step: "s"}, nil)
		_, confirm := c.Confirm(ctx, "s", 1)
		for _, err := range []error{commit, confirm, c.Close(ctx, record.Attempt{Step: "s", Attempt: 1}), c.Remove(ctx, "s", 1, "u")} {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error = %v, want the one given", err)
			}
		}
		if got := c.View("s"); got.Result != nil || got.Closed != nil {
			t.Errorf("view = %+v, want no records", got)
		}
	})
}

func TestDeletedRunIsGone(t *testing.T) {
	inBubble(t, enginetest.Hang.Step("s"), func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster) {
		start(t, c)
		r.Delete()
		truth, err := c.Confirm(t.Context(), "s", 1)
		if err != nil || !truth.RunGone || truth.Sighting != nil {
			t.Errorf("Confirm() = %+v, %v, want the run to be gone", truth, err)
		}
		if err := c.Start(t.Context(), "s", 2); err == nil {
			t.Error("an attempt was started in a run that is gone")
		}
	})
}

func TestAttemptsDoDifferentThings(t *testing.T) {
	end := record.End{Outcome: record.Failed, Reason: "Error", Message: "first"}
	step := enginetest.Attempts(enginetest.Ends(end), enginetest.ReportOnly(enginetest.Succeed.Func("s")))
	inBubble(t, step, func(t *testing.T, r *enginetest.Run, c *enginetest.Cluster) {
		for attempt := range 3 {
			if err := c.Start(t.Context(), "s", attempt+1); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		seen := c.View("s").Sightings
		if diff := cmp.Diff(end, seen[0].End); diff != "" {
			t.Errorf("first end (-want +got):\n%s", diff)
		}
		for _, s := range seen[1:] {
			if s.Result == nil || string(s.Value) != string(enginetest.Value("s")) {
				t.Errorf("attempt %d = %+v, want it to report its value", s.Attempt, s)
			}
		}
		want := []enginetest.Start{{Step: "s", Attempt: 1}, {Step: "s", Attempt: 2}, {Step: "s", Attempt: 3}}
		if diff := cmp.Diff(want, r.Starts()); diff != "" {
			t.Errorf("starts (-want +got):\n%s", diff)
		}
		if c.View("s").Result != nil {
			t.Error("there is a record though the step may not write any")
		}
	})
}
