//go:build darwin || linux

package process_test

import (
	"context"
	"io"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

// patience is how long something may take before a test gives up on it.
const patience = time.Minute

func planOf(run string, steps ...string) *plan.Plan {
	p := &plan.Plan{Version: plan.Version, Run: run, Graph: graph.Graph{Pipeline: "p"}, Submitted: time.Unix(1700000000, 0).UTC()}
	for _, s := range steps {
		p.Graph.Nodes = append(p.Graph.Nodes, graph.Node{Name: s, Kind: graph.Step})
	}
	p.Fingerprint = p.Graph.Fingerprint()
	return p
}

// bench is a watched cluster of a run whose only step is called s.
type bench struct {
	*process.Cluster
	t      *testing.T
	dir    string
	cancel context.CancelFunc
	wake   chan struct{}
}

// does is the environment of a step that does this. The race detector would make each process last another second.
func does(what string) func(string) []string {
	return func(string) []string { return []string{envDoes + "=" + what, "GORACE=atexit_sleep_ms=0"} }
}

// watch returns a watched cluster for a run in a directory of its own, unless c names one.
func watch(t *testing.T, c process.Config) *bench {
	t.Helper()
	if c.Dir == "" {
		c.Dir, c.Plan = t.TempDir(), planOf("r", "s")
	}
	cluster, err := process.New(c)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Cluster: cluster, t: t, dir: c.Dir, wake: make(chan struct{}, 1)}
	var ctx context.Context
	ctx, b.cancel = context.WithCancel(context.WithoutCancel(t.Context()))
	t.Cleanup(func() { b.cancel(); cluster.Wait() })
	if err := cluster.Watch(ctx, b.changed); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) changed(string) {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *bench) start(attempt int) {
	b.t.Helper()
	if err := b.Start(b.t.Context(), "s", attempt); err != nil {
		b.t.Fatal(err)
	}
}

// ended returns an attempt once it has ended.
func (b *bench) ended(attempt int) engine.Sighting {
	b.t.Helper()
	giveUp := time.NewTimer(patience)
	defer giveUp.Stop()
	for {
		for _, s := range b.View("s").Sightings {
			if s.Attempt == attempt && s.Phase == engine.Ended {
				return s
			}
		}
		select {
		case <-b.wake:
		case <-giveUp.C:
			b.t.Fatalf("the attempt does not end; the view is %+v", b.View("s"))
		}
	}
}

// run returns how the first attempt of a step that does this ends.
func (b *bench) run() engine.Sighting {
	b.t.Helper()
	b.start(1)
	return b.ended(1)
}

// value returns the recorded value of a step.
func (b *bench) value(r *record.Result) []byte {
	b.t.Helper()
	if r == nil {
		b.t.Fatal("there is no result")
	}
	content, err := artifact.Open(b.t.Context(), process.DefaultStore(b.dir), artifact.Digest(r.Digest), r.Size)
	if err != nil {
		b.t.Fatal(err)
	}
	defer content.Close()
	value, err := io.ReadAll(content)
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// printed collects what attempts print, and lets a test wait for a line.
type printed struct {
	mu    sync.Mutex
	lines []string
	ready chan struct{}
}

func newPrinted() *printed { return &printed{ready: make(chan struct{}, 1)} }

func (p *printed) add(_ string, _ int, line string) {
	p.mu.Lock()
	p.lines = append(p.lines, line)
	p.mu.Unlock()
	if line == "ready" {
		p.ready <- struct{}{}
	}
}

func (p *printed) waitReady(t *testing.T) {
	t.Helper()
	select {
	case <-p.ready:
	case <-time.After(patience):
		t.Fatal("the step does not get ready")
	}
}

// waitUnlocked returns once nobody holds a lock on the file.
func waitUnlocked(t *testing.T, path string) {
	t.Helper()
	free := make(chan error, 1)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer file.Close()
		free <- syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	}()
	select {
	case err := <-free:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(patience):
		t.Fatalf("something that should have ended still holds %s", path)
	}
}
