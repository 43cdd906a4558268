package kube

import (
	"testing"
	"testing/synctest"
	"time"

	apiwatch "k8s.io/apimachinery/pkg/watch"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/graph"
)

// newChain is a run of two steps, one after the other, each of which works for half a minute.
func newChain(t *testing.T, f *faults) *faultyRun {
	t.Helper()
	r := &faultyRun{faults: f, plan: testPlan(), fails: map[string]int{}, successes: map[string]int{}}
	r.plan.Graph.Nodes = []graph.Node{{Name: "load", Kind: graph.Step}, {Name: "train", Kind: graph.Step, Inputs: []string{"load"}}}
	r.engine = engine.Plan{
		Steps: []engine.Step{{Name: "load"}, {Name: "train", Needs: []string{"load"}}}, Confirm: 30 * time.Second,
	}
	steps := map[string]enginetest.Step{"load": r.step("load", 30*time.Second), "train": r.step("train", 30*time.Second)}
	r.kubelet = startKubelet(t, f, r.plan, steps)
	return r
}

// An outage begins at any moment of the run: while it is listed, before a start, while a step works, when it records.
func TestRunGoesOnWithinSecondsOfAnOutage(t *testing.T) {
	t.Parallel()
	const (
		lasts  = time.Minute
		within = 5 * time.Second
	)
	for second := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			r := newChain(t, newFaults(newAPIServer(), second, 0))
			r.server.streams = second%2 == 0
			r.begins = time.Now().Add(time.Duration(second) * time.Second)
			r.ends = r.begins.Add(lasts)
			r.drive(t)
			r.check(t)
			if waited := r.stoodStill(); waited > within {
				t.Errorf("an outage begins after %d s: %s pass after its end until the run goes on, want %s at most", second, waited, within)
			}
			// Two watches and two calls are made again, each every three seconds on average, and more often at first.
			if most := 4 * (int(lasts/(3*time.Second)) + 10); r.inVain > most {
				t.Errorf("an outage begins after %d s: %d requests during it, want %d at most", second, r.inVain, most)
			}
		})
	}
}

// stoodStill returns how long after the outage the first object was made that clients make. Each step is shorter than the
// outage, so that something is to be made when it ends.
func (r *faultyRun) stoodStill() time.Duration {
	for _, c := range r.server.changes {
		if waited := c.at.Sub(r.ends); c.kind == apiwatch.Added && waited > 0 {
			return waited
		}
	}
	return r.ends.Sub(r.begins)
}
