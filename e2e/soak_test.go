package e2e

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/org/k8sorch/cli"
)

var buildSoak = sync.OnceValues(func() (string, error) { return build(".", "./testdata/soak") })

const (
	// soakVariable says how many runs there are, up to 1000, instead of soakRuns.
	soakVariable = "K8SORCH_E2E_SOAK"
	soakRuns     = 20
	// soakRun bounds how long one of them takes.
	soakRun = time.Minute
)

// TestSoak has one process run one pipeline after the other. It does not grow, and nothing of them stays in the cluster.
func TestSoak(t *testing.T) {
	t.Parallel()
	runs := soakRuns
	if text := os.Getenv(soakVariable); text != "" {
		var err error
		if runs, err = strconv.Atoi(text); err != nil || runs < 4 {
			t.Fatalf("%s is %q, want a number from 4 to 1000", soakVariable, text)
		}
	} else if os.Getenv("K8SORCH_E2E_FULL") == "" {
		t.Skip("it takes minutes; set K8SORCH_E2E_FULL")
	}
	s := newScene(t)
	before := whats(s.inventory(t))
	c := start(t, command{program: built(t, buildSoak), env: []string{"NAMESPACE=" + s.namespace, "RUNS=" + strconv.Itoa(runs)}})
	if code := c.waitUpTo(t, time.Duration(runs)*soakRun); code != cli.ExitSucceeded {
		t.Fatalf("exit code %d, want %d", code, cli.ExitSucceeded)
	}
	wantFlat(t, c.stdout.String(), runs)
	s.untilGone(t)
	s.wantOnlyAccountsBeside(t, before)
}

// condition is what the program soak says of itself after each run.
type condition struct{ Goroutines, Heap uint64 }

// wantFlat fails the test where the process has grown with its runs. The last quarter of them is compared with the second:
// in the first, connections are made and buffers grow.
func wantFlat(t *testing.T, lines string, runs int) {
	t.Helper()
	var all []condition
	for decoder := json.NewDecoder(strings.NewReader(lines)); decoder.More(); {
		var c condition
		if err := decoder.Decode(&c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	if len(all) != runs {
		t.Fatalf("%d runs have ended, want %d", len(all), runs)
	}
	early, late := median(all[runs/4:runs/2]), median(all[runs-runs/4:])
	t.Logf("after %d runs: %d goroutines and %d KiB on the heap; early on %d and %d", runs, late.Goroutines, late.Heap/1024, early.Goroutines, early.Heap/1024)
	if late.Goroutines > early.Goroutines+4 {
		t.Errorf("there are %d goroutines, early on there were %d", late.Goroutines, early.Goroutines)
	}
	if late.Heap > early.Heap+1<<20 {
		t.Errorf("the heap has %d bytes, early on it had %d", late.Heap, early.Heap)
	}
}

func median(of []condition) condition {
	var m condition
	for _, field := range []func(*condition) *uint64{
		func(c *condition) *uint64 { return &c.Goroutines }, func(c *condition) *uint64 { return &c.Heap },
	} {
		var values []uint64
		for i := range of {
			values = append(values, *field(&of[i]))
		}
		slices.Sort(values)
		*field(&m) = values[len(values)/2]
	}
	return m
}
