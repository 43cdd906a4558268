package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// journey is a driver under test, and what it tells.
type journey struct {
	*engine.Driver
	cluster *fakeCluster
	told    []engine.Status
}

func newJourney(t *testing.T, p engine.Plan, c *fakeCluster) *journey {
	t.Helper()
	m, err := engine.NewMachine(p)
	if err != nil {
		t.Fatal(err)
	}
	j := &journey{cluster: c}
	j.Driver = &engine.Driver{Machine: m, Cluster: c, Logger: zap.NewNop(), Changed: func(st engine.Status) { j.told = append(j.told, st) }}
	return j
}

// whys are the different reasons that were told of a step, in order.
func (j *journey) whys(step string) []string {
	var whys []string
	for _, st := range j.told {
		if st.Step == step && st.Why != "" && (len(whys) == 0 || whys[len(whys)-1] != st.Why) {
			whys = append(whys, st.Why)
		}
	}
	return whys
}

// states are the different states that were told of a step, in order.
func (j *journey) states(step string) []string {
	var states []string
	for _, st := range j.told {
		s := string(st.State)
		if st.Outcome != "" {
			s += " " + string(st.Outcome)
		}
		if st.Step == step && (len(states) == 0 || states[len(states)-1] != s) {
			states = append(states, s)
		}
	}
	return states
}

func TestDriverTakesARunToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := newJourney(t, chain(2), &fakeCluster{work: time.Minute, delay: time.Second})
		began := time.Now()
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := j.Machine.Outcome(); got != record.Succeeded {
			t.Errorf("outcome = %s", got)
		}
		if took := time.Since(began); took != 2*time.Minute+2*time.Second {
			t.Errorf("the run took %s", took)
		}
		if diff := cmp.Diff([]string{"Starting", "Running", "Done Succeeded"}, j.states("s0")); diff != "" {
			t.Errorf("states of s0 (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"Pending", "Starting", "Running", "Done Succeeded"}, j.states("s1")); diff != "" {
			t.Errorf("states of s1 (-want +got):\n%s", diff)
		}
	})
}

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
				if last := times[100].Sub(times[99]); last < 7*time.Second || last > 23*time.Second {
					t.Errorf("the last pause is %s, want about 15s", last)
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

func TestDriverWakesForARetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCluster{work: time.Hour}
		j := newJourney(t, chain(1), c)
		time.AfterFunc(time.Minute, func() { c.edit("s0", func(o *engine.Observation) { o.Sightings = []engine.Sighting{failed(1)} }) })
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		starts := append(c.times("start s0/1"), c.times("start s0/2")...)
		if len(starts) != 2 || starts[1].Sub(starts[0]) != time.Minute+time.Second {
			t.Errorf("starts at %v, want the second one a minute and the budget's second after the first", starts)
		}
	})
}

func TestWatchEndsWithTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := newJourney(t, chain(1), &fakeCluster{})
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if j.cluster.watching.Err() == nil {
			t.Error("the watch goes on")
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

func TestStopEndsTheRun(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(chan string){
		"with a reason":    func(stop chan string) { stop <- "enough" },
		"by a closed door": func(stop chan string) { close(stop) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				stop := make(chan string, 1)
				time.AfterFunc(time.Minute, func() { ask(stop) })
				j := newJourney(t, fan(3), &fakeCluster{work: 40 * time.Second, delay: time.Second})
				j.Stop = stop
				if err := j.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := j.Machine.Outcome(); got != record.Stopped {
					t.Errorf("outcome = %s, want Stopped", got)
				}
				for i := range 3 {
					states := j.states(stepName(i))
					if states[len(states)-1] != "Done Stopped" {
						t.Errorf("states of %s: %q", stepName(i), states)
					}
					if n := len(j.cluster.times(fmt.Sprintf("remove %s/1", stepName(i)))); n != 1 {
						t.Errorf("%s was removed %d times", stepName(i), n)
					}
				}
			})
		})
	}
}

func TestRunThatIsGoneEndsTheDriver(t *testing.T) {
	t.Parallel()
	t.Run("told", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			gone := make(chan struct{})
			time.AfterFunc(time.Minute, func() { close(gone) })
			j := newJourney(t, chain(2), &fakeCluster{work: 90 * time.Second})
			j.Gone = gone
			if err := j.Run(t.Context()); !errors.Is(err, engine.ErrRunGone) {
				t.Errorf("error = %v", err)
			}
			if n := len(j.cluster.calls); n != 1 {
				t.Errorf("it called %v", j.cluster.calls)
			}
		})
	})
	t.Run("found out", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			c := &fakeCluster{work: time.Hour, gone: true}
			j := newJourney(t, chain(2), c)
			time.AfterFunc(time.Minute, func() { c.edit("s0", func(o *engine.Observation) { o.Sightings = nil }) })
			if err := j.Run(t.Context()); !errors.Is(err, engine.ErrRunGone) {
				t.Errorf("error = %v", err)
			}
		})
	})
}

func TestWatchThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		forbidden := errors.New("forbidden")
		j := newJourney(t, chain(1), &fakeCluster{fail: func(string, int) error { return forbidden }})
		if err := j.Run(t.Context()); !errors.Is(err, forbidden) || err.Error() != "watching the run: forbidden" {
			t.Errorf("error = %v", err)
		}
	})
}

func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCluster{work: time.Minute}
		p := chain(3)
		p.Steps[0].Failed.Retries = 0
		j := newJourney(t, p, c)
		time.AfterFunc(10*time.Second, func() { c.edit("s0", func(o *engine.Observation) { o.Sightings = []engine.Sighting{failed(1)} }) })
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"Starting", "Running", "Ending", "Retrying", "Done Failed"}, j.states("s0")); diff != "" {
			t.Errorf("states of s0 (-want +got):\n%s", diff)
		}
		for _, step := range []string{"s1", "s2"} {
			if diff := cmp.Diff([]string{"Pending", "Done Skipped"}, j.states(step)); diff != "" {
				t.Errorf("states of %s (-want +got):\n%s", step, diff)
			}
		}
	})
}

func TestTurnOfAStepIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := fan(2)
		p.MaxParallelism = 1
		j := newJourney(t, p, &fakeCluster{work: time.Minute, delay: time.Second})
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"Pending", "Ready", "Starting", "Running", "Done Succeeded"}, j.states("s1")); diff != "" {
			t.Errorf("states of s1 (-want +got):\n%s", diff)
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

// Changes come from many goroutines while the driver is busy. One that were missed would leave the run waiting, which a
// bubble reports as a deadlock.
func TestNoWakeUpIsLost(t *testing.T) {
	t.Parallel()
	for i := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			c := &fakeCluster{work: time.Millisecond * time.Duration(i%3), delay: time.Millisecond * time.Duration(i%2)}
			p := randomPlan(seeded(i, "driver"))
			p.Stagger = 0
			j := newJourney(t, p, c)
			if err := j.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := j.Machine.Outcome(); got != record.Succeeded {
				t.Errorf("outcome = %s", got)
			}
		})
	}
}

func TestDriverOfAViewerOnlyWatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCluster{}
		m, err := engine.NewViewer(chain(2))
		if err != nil {
			t.Fatal(err)
		}
		j := newJourney(t, chain(2), c)
		j.Machine = m
		time.AfterFunc(time.Minute, func() {
			for i := range 2 {
				c.edit(stepName(i), func(o *engine.Observation) { o.Result = result(stepName(i), 1) })
			}
		})
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(c.calls) > 0 || m.Outcome() != record.Succeeded {
			t.Errorf("calls %v, outcome %s", c.calls, m.Outcome())
		}
	})
}
