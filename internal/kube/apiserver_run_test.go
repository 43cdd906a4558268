package kube

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/pause"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

var (
	seeds      = flag.Int("seeds", 200, "how many seeds to run by a faulty API server; -short takes a tenth")
	seed       = flag.Uint64("seed", 1, "the first seed")
	withReport = flag.Bool("report", false, "print what the seeds have tried")
)

// faultyRun is a run by a faulty API server.
type faultyRun struct {
	*faults

	plan   *plan.Plan
	engine engine.Plan
	// fails are the attempts of each step that fail by their own doing.
	fails     map[string]int
	successes map[string]int
	machine   *engine.Machine
	kubelet   *kubelet
	warnings  []string
}

// newFaultyRun makes up a run of up to eight steps.
func newFaultyRun(t *testing.T, seed uint64, rate float64) *faultyRun {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	server := newAPIServer()
	server.streams = random.IntN(2) == 0
	r := &faultyRun{faults: newFaults(server, seed, rate), plan: testPlan(), fails: map[string]int{}, successes: map[string]int{}}
	r.plan.Graph.Nodes = nil
	steps := map[string]enginetest.Step{}
	for i := range 1 + random.IntN(8) {
		name := fmt.Sprint("s", i)
		var needs []string
		for j := range i {
			if random.IntN(3) == 0 {
				needs = append(needs, fmt.Sprint("s", j))
			}
		}
		r.plan.Graph.Nodes = append(r.plan.Graph.Nodes, graph.Node{Name: name, Kind: graph.Step, Inputs: needs})
		r.plan.Kubernetes.StepTemplates[name] = 0
		budget := engine.Budget{Retries: 2, Delay: time.Second}
		r.engine.Steps = append(r.engine.Steps, engine.Step{Name: name, Needs: needs, Failed: budget})
		if random.IntN(4) == 0 {
			r.fails[name] = 1 + random.IntN(2)
		}
		steps[name] = r.step(name, time.Duration(1+random.IntN(90))*time.Second)
	}
	r.engine.Confirm = 30 * time.Second
	r.kubelet = startKubelet(t, r.faults, r.plan, steps)
	return r
}

// step returns a step that works for so long, and whose first attempts fail.
func (r *faultyRun) step(name string, work time.Duration) enginetest.Step {
	does := func(err error) enginetest.Step {
		return enginetest.Work(func(ctx context.Context, _ []attempt.Input) (attempt.Encode, error) {
			sleep(ctx, nil, work)
			return func(_ context.Context, w io.Writer) error {
				_, err := w.Write(enginetest.Value(name))
				return err
			}, errors.Join(err, ctx.Err())
		})
	}
	var attempts []enginetest.Step
	for range r.fails[name] {
		attempts = append(attempts, does(errors.New(enginetest.Failure)))
	}
	return enginetest.Attempts(append(attempts, does(nil))...)
}

// drive takes the run to its end, with everything that was begun for it.
func (r *faultyRun) drive(t *testing.T) {
	t.Helper()
	r.driveBy(t, r.line())
}

// driveBy does so for an orchestrator whose requests pass a transport.
func (r *faultyRun) driveBy(t *testing.T, transport http.RoundTripper) {
	t.Helper()
	machine, err := engine.NewMachine(r.engine)
	if err != nil {
		t.Fatal(err)
	}
	r.machine = machine
	client := clientBy(t, transport, func(text string) { r.warnings = append(r.warnings, text) })
	done := map[string]bool{}
	driver := &engine.Driver{
		Machine: machine, Cluster: NewCluster(client, testRef(), r.plan, Options{}), Logger: zap.NewNop(),
		Changed: func(st engine.Status) {
			if succeeded := st.Outcome == record.Succeeded; succeeded != done[st.Step] {
				done[st.Step] = succeeded
				r.successes[st.Step]++
			}
		},
	}
	ctx, cancel := context.WithTimeout(t.Context(), 12*time.Hour)
	defer cancel()
	if err := driver.Run(ctx); err != nil {
		t.Errorf("the run does not end: %v", err)
	}
	cancel()
	r.kubelet.tasks.Wait()
	// A reflector sleeps out a pause, whatever becomes of its context.
	time.Sleep(pause.Max)
}

// A watch lasts for five minutes at least, and its first view may take a list. Only of an attempt that has failed the server
// is asked once more, since a record of its result or of its end may be there that is not in view yet.
func TestCalmRunReadsFromWatchesOnly(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			r := newFaultyRun(t, seed, 0)
			began := time.Now()
			r.drive(t)
			r.check(t)
			watches := int(time.Since(began)/(5*time.Minute)) + 2
			attempts := len(r.kubelet.running)
			want := map[string]int{"create pods": attempts, "create configmaps": attempts}
			if failed := attempts - len(r.engine.Steps); failed > 0 {
				want["get pods"], want["get configmaps"], want["get jobs"] = failed, 2*failed, failed
			}
			got := maps.Clone(r.asked)
			for doing, most := range map[string]int{"watch pods": watches, "watch configmaps": watches, "list pods": 1, "list configmaps": 1} {
				if got[doing] > most {
					t.Errorf("%s: %d times, want %d at most", doing, got[doing], most)
				}
				delete(got, doing)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("other requests (-want +got):\n%s", diff)
			}
		})
	}
}

// faultKinds are the names of all faults.
var faultKinds = []string{
	"429", "500", "503", "503 with Retry-After", "reset before", "reset after", "slow", "outage",
	"cut", "410", "410 later", "stall",
}

func TestRunsByAFaultyAPIServer(t *testing.T) {
	t.Parallel()
	n := *seeds
	if testing.Short() {
		n = max(n/10, 1)
	}
	tried, requests := map[string]int{}, 0
	for s := *seed; s < *seed+uint64(n); s++ {
		synctest.Test(t, func(t *testing.T) {
			r := newFaultyRun(t, s, 0.3)
			r.begins = time.Now().Add(r.between(time.Second, 5*time.Minute))
			r.ends = r.begins.Add(r.between(time.Second, time.Minute))
			r.drive(t)
			r.check(t)
			requests += r.requests
			for fault, times := range r.injected {
				tried[fault] += times
			}
		})
		if t.Failed() {
			t.Fatalf("seed %d breaks a rule; once more by: go test ./internal/kube -run '^%s$' -seed %d -seeds 1", s, t.Name(), s)
		}
	}
	for _, fault := range faultKinds {
		if n >= 100 && tried[fault] == 0 {
			t.Errorf("%s was never tried", fault)
		}
		if *withReport {
			_, _ = fmt.Fprintf(os.Stdout, "%8d %s\n", tried[fault], fault)
		}
	}
	if *withReport {
		_, _ = fmt.Fprintf(os.Stdout, "%8d requests in %d runs\n", requests, n)
	}
}
