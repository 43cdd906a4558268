package kube

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/graph"
)

// tally is a transport that counts what is asked of an API server, and how long the answers are.
type tally struct {
	next http.RoundTripper

	mu    sync.Mutex
	asked map[string]int
	// listed are the bytes of the answers to lists.
	listed int
}

func newTally(next http.RoundTripper) *tally { return &tally{next: next, asked: map[string]int{}} }

// RoundTrip implements http.RoundTripper.
func (t *tally) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	t.asked[doing(r)]++
	t.mu.Unlock()
	resp, err := t.next.RoundTrip(r)
	if err == nil && r.Method == http.MethodGet && !watches(r) {
		resp.Body = &measured{resp.Body, t}
	}
	return resp, err
}

// measured is the body of an answer whose length counts.
type measured struct {
	io.ReadCloser

	tally *tally
}

// Read implements io.Reader.
func (m *measured) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.tally.mu.Lock()
	defer m.tally.mu.Unlock()
	m.tally.listed += n
	return n, err
}

// newWideRun is a run of n steps, each of which works for so long: one, all that need it, and one that needs all of those.
func newWideRun(t *testing.T, server *apiServer, n int, work time.Duration) *faultyRun {
	t.Helper()
	r := &faultyRun{faults: newFaults(server, 1, 0), plan: testPlan(), fails: map[string]int{}, successes: map[string]int{}}
	r.plan.Graph = wideGraph(n)
	r.engine = engine.Plan{Confirm: 30 * time.Second}
	r.plan.Kubernetes.StepTemplates = map[string]int{}
	steps := map[string]enginetest.Step{}
	needs := r.plan.Graph.Needs()
	for _, node := range r.plan.Graph.Nodes {
		r.plan.Kubernetes.StepTemplates[node.Name] = 0
		r.engine.Steps = append(r.engine.Steps, engine.Step{Name: node.Name, Needs: needs[node.Name]})
		steps[node.Name] = r.step(node.Name, work)
	}
	r.kubelet = startKubelet(t, r.faults, r.plan, steps)
	return r
}

func wideGraph(n int) graph.Graph {
	g := graph.Graph{Pipeline: "train", Nodes: []graph.Node{{Name: "root", Kind: graph.Step}}}
	sink := graph.Node{Name: "sink", Kind: graph.Step}
	for i := range n - 2 {
		name := fmt.Sprint("s", i)
		g.Nodes = append(g.Nodes, graph.Node{Name: name, Kind: graph.Step, Inputs: []string{"root"}})
		sink.After = append(sink.After, name)
	}
	g.Nodes = append(g.Nodes, sink)
	return g
}

// An orchestrator asks for one thing per step, its pod; what it reads, it reads from two watches, which last for five
// minutes at least, however many steps there are and however long they take. The steps make one request each.
func TestRequestsPerStep(t *testing.T) {
	t.Parallel()
	listed := map[int]bool{}
	for _, run := range []struct {
		steps   int
		work    time.Duration
		streams bool
	}{
		{10, time.Second, true},
		{10, time.Hour, true},
		{100, time.Second, true},
		{1000, time.Hour, true},
		{10, time.Second, false},
		{10, time.Hour, false},
		{100, time.Hour, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			server := newAPIServer()
			server.streams = run.streams
			r := newWideRun(t, server, run.steps, run.work)
			began := time.Now()
			own := newTally(server)
			r.driveBy(t, own)
			r.check(t)
			if !run.streams {
				listed[own.listed] = true
			}
			checkAsked(t, fmt.Sprintf("%d steps of %s", run.steps, run.work), own.asked, run.steps, time.Since(began), run.streams)
			if diff := cmp.Diff(map[string]int{"create configmaps": run.steps}, r.asked); diff != "" {
				t.Errorf("the steps' own requests (-want +got):\n%s", diff)
			}
		})
	}
	if len(listed) != 1 || listed[0] {
		t.Errorf("answers to lists had %v bytes, want as many for every run", listed)
	}
}

// checkAsked holds the requests of an orchestrator against what a run of n steps takes.
func checkAsked(t *testing.T, run string, asked map[string]int, n int, took time.Duration, streams bool) {
	t.Helper()
	want := map[string]int{"create pods": n}
	if !streams {
		// A watch that cannot tell what is there begins after a list.
		want["list pods"], want["list configmaps"] = 1, 1
	}
	got := maps.Clone(asked)
	for _, watch := range []string{"watch pods", "watch configmaps"} {
		if most := int(took/(5*time.Minute)) + 2; got[watch] > most {
			t.Errorf("%s: %s %d times in %s, want %d at most", run, watch, got[watch], took, most)
		}
		delete(got, watch)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: requests beside watches (-want +got):\n%s", run, diff)
	}
}
