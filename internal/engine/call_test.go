package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func TestCallsAreRepeatedUntilTheyAreAnswered(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"plain": errors.New("no route"), "one that asks for no repetition": backoff.Permanent(errors.New("no route")),
		"one that quotes a context": fmt.Errorf("no route: %w", context.DeadlineExceeded),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &fakeCluster{fail: func(call string, before int) error {
					if call == "start s0/1" && before < 100 {
						return err
					}
					return nil
				}}
				j := newJourney(t, chain(1), c)
				if err := j.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				times := c.times("start s0/1")
				if len(times) != 101 {
					t.Fatalf("it was called %d times, want 101", len(times))
				}
				if first := times[1].Sub(times[0]); first > 300*time.Millisecond {
					t.Errorf("the first pause is %s", first)
				}
				if last := times[100].Sub(times[99]); last < time.Second || last > 5*time.Second {
					t.Errorf("the last pause is %s, want some seconds, and 5s at most", last)
				}
				if whys := j.whys("s0"); len(whys) != 1 || !strings.HasPrefix(whys[0], "cannot start attempt 1: no route") {
					t.Errorf("what was told: %q", whys)
				}
			})
		})
	}
}

func TestAnswerComesWithTheView(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := newJourney(t, chain(1), &fakeCluster{work: time.Minute, lag: time.Second})
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		// The cluster has told nothing yet when the start is answered, but its view has the attempt.
		if len(j.cluster.calls) != 1 {
			t.Errorf("it called %v, want one start", j.cluster.calls)
		}
	})
}

func TestRefusalIsAnAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCluster{fail: func(call string, _ int) error {
			if call == "start s0/1" {
				return fmt.Errorf("starting: %w", &engine.Refusal{Reason: "Denied", Message: "by policy", Permanent: true})
			}
			return nil
		}}
		j := newJourney(t, chain(1), c)
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		st := j.Machine.Status("s0")
		if len(c.times("start s0/1")) != 1 || st.Outcome != record.NotStarted || st.End.Message != "by policy" {
			t.Errorf("calls %v, status %+v", c.calls, st)
		}
	})
}

func TestStartWhoseAnswerWasLostIsNotRepeatedOnceItIsSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCluster{work: time.Hour, lose: func(call string, _ int) error {
			if call == "start s0/1" {
				return errors.New("connection reset")
			}
			return nil
		}}
		j := newJourney(t, chain(1), c)
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(c.times("start s0/1")); n != 1 || j.Machine.Outcome() != record.Succeeded {
			t.Errorf("it was started %d times, want once; outcome %s", n, j.Machine.Outcome())
		}
	})
}

func TestEndOfTheContextLeavesAttemptsAlone(t *testing.T) {
	t.Parallel()
	cause := errors.New("evicted")
	for name, c := range map[string]*fakeCluster{
		"running":       {work: time.Hour},
		"not answering": {work: time.Hour, fail: func(string, int) error { return nil }, lose: func(string, int) error { return errors.New("no route") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				time.AfterFunc(10*time.Second, func() { cancel(cause) })
				j := newJourney(t, fan(3), c)
				if err := j.Run(ctx); !errors.Is(err, cause) {
					t.Errorf("error = %v, want %v", err, cause)
				}
				for _, made := range c.calls {
					if !strings.HasPrefix(made.name, "start root/") {
						t.Errorf("it called %s", made.name)
					}
				}
				if len(c.View("root").Sightings) != 1 {
					t.Error("the attempt is not there any more")
				}
			})
		})
	}
}

func TestNoCallBeginsAfterTheEndOfTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
		defer cancel()
		j := newJourney(t, fan(40), &fakeCluster{delay: time.Minute})
		if err := j.Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v", err)
		}
		if want := 1 + 16; len(j.cluster.calls) != want {
			t.Errorf("there were %d calls, want %d", len(j.cluster.calls), want)
		}
	})
}

func TestContextThatEndedBeforeStartsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		j := newJourney(t, chain(1), &fakeCluster{})
		if err := j.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
		if len(j.cluster.calls) > 0 {
			t.Errorf("it called %v", j.cluster.calls)
		}
	})
}

func TestWideFanEndsWithFewCallsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCluster{work: 5 * time.Millisecond, delay: 7 * time.Millisecond}
		j := newJourney(t, fan(400), c)
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := j.Machine.Outcome(); got != record.Succeeded {
			t.Errorf("outcome = %s", got)
		}
		if c.most != 16 {
			t.Errorf("there were up to %d calls at once, want 16", c.most)
		}
		// An event concerns its own step and those that depend on it.
		if most := 10 * 401; len(j.told) > most {
			t.Errorf("the status of a step was told %d times, want %d at most", len(j.told), most)
		}
	})
}

// It is not parallel: it counts all goroutines of the process.
//
//nolint:paralleltest // As said above.
func TestCallsThatWaitHaveNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before, most := runtime.NumGoroutine(), 0
		var mu sync.Mutex
		c := &fakeCluster{delay: time.Second, work: time.Hour, fail: func(call string, before int) error {
			mu.Lock()
			defer mu.Unlock()
			most = max(most, runtime.NumGoroutine())
			if call != "watch" && before < 2 {
				return errors.New("no route")
			}
			return nil
		}}
		j := newJourney(t, fan(400), c)
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := j.Machine.Outcome(); got != record.Succeeded {
			t.Errorf("outcome = %s", got)
		}
		// Each call under way has one, and so may the end of each.
		if bound := before + 2*16 + 4; most > bound {
			t.Errorf("there were up to %d goroutines, want %d at most", most, bound)
		}
	})
}
