package engine_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

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

// TestDriverBeginsBetweenViewAndDecision has a run that is found to be stopped when it begins: nothing of it is started.
func TestDriverBeginsBetweenViewAndDecision(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		j := newJourney(t, chain(2), &fakeCluster{work: time.Minute, delay: time.Second})
		stop := make(chan string, 1)
		j.Stop = stop
		j.Begin = func(context.Context) {
			if j.cluster.watching == nil {
				t.Error("the run begins before it was looked at")
			}
			stop <- "asked before"
		}
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := j.Machine.Outcome(); got != record.Stopped || len(j.cluster.calls) > 0 {
			t.Errorf("outcome %s after the calls %v", got, j.cluster.calls)
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

func TestStopOfBeforeBeginsNothing(t *testing.T) {
	t.Parallel()
	stop := make(chan string, 1)
	stop <- "enough"
	j := newJourney(t, chain(2), &fakeCluster{})
	j.Stop = stop
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Done Skipped"}, j.states("s0")); diff != "" {
		t.Errorf("states of s0 (-want +got):\n%s", diff)
	}
	if got := j.Machine.StopReason(); got != "enough" {
		t.Errorf("the reason of the stop = %q", got)
	}
}

func TestDrainLetsTheRunEnd(t *testing.T) {
	t.Parallel()
	for name, after := range map[string]time.Duration{"from the start": 0, "while it runs": time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				drain := make(chan string, 1)
				if after == 0 {
					drain <- "enough"
				}
				time.AfterFunc(time.Minute, func() { drain <- "enough" })
				j := newJourney(t, chain(3), &fakeCluster{work: 40 * time.Second, delay: time.Second})
				j.Drain = drain
				if err := j.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				want := map[string]record.Outcome{"s0": record.Succeeded, "s1": record.Succeeded, "s2": record.Skipped}
				if after == 0 {
					want["s0"], want["s1"] = record.Skipped, record.Skipped
				}
				got := map[string]record.Outcome{}
				for step := range want {
					got[step] = j.Machine.Status(step).Outcome
				}
				if diff := cmp.Diff(want, got); diff != "" || j.Machine.Outcome() != record.Stopped {
					t.Errorf("the run ends as %s, want Stopped; outcomes (-want +got):\n%s", j.Machine.Outcome(), diff)
				}
			})
		})
	}
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
		if diff := cmp.Diff([]string{"Starting", "Running", "Ending", "Done Failed"}, j.states("s0")); diff != "" {
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

// suddenCluster has nothing at first, and then the result of every step at once.
type suddenCluster struct {
	*fakeCluster
	finished bool
}

func (c *suddenCluster) View(step string) engine.Observation {
	if !c.finished {
		return engine.Observation{}
	}
	return engine.Observation{Result: result(step, 1)}
}

// Whoever follows a run hears of a step after those that it needs, also of what comes into view all at once.
func TestStepsAreToldOfInTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := chain(8)
		m, err := engine.NewViewer(p)
		if err != nil {
			t.Fatal(err)
		}
		c := &suddenCluster{fakeCluster: &fakeCluster{}}
		var want, got []string
		for _, s := range p.Steps {
			want = append(want, s.Name)
		}
		told := func(st engine.Status) {
			if st.Outcome == record.Succeeded {
				got = append(got, st.Step)
			}
			if !c.finished {
				c.finished = true
				for _, step := range want {
					c.changed(step)
				}
			}
		}
		d := &engine.Driver{Machine: m, Cluster: c, Logger: zap.NewNop(), Changed: told}
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("steps in the order of their ends (-want +got):\n%s", diff)
		}
	})
}
