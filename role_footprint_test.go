package pipeline

import (
	"context"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

func TestWhoseProcessItIs(t *testing.T) {
	t.Parallel()
	several := reexec.NewContext(t.Context(), reexec.Role{Kind: reexec.Orchestrator})
	for name, test := range map[string]struct {
		ctx      context.Context
		variable string
		want     bool
	}{
		"a process of its own":  {t.Context(), "", true},
		"told by the user":      {t.Context(), "200", false},
		"one role among others": {several, "", false},
	} {
		if got := ownsProcess(test.ctx, test.variable); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

// TestFootprint changes what all tests of this process share, so that none runs beside it.
func TestFootprint(t *testing.T) {
	cpus, percent := runtime.GOMAXPROCS(3), debug.SetGCPercent(77)
	t.Cleanup(func() {
		runtime.GOMAXPROCS(cpus)
		debug.SetGCPercent(percent)
	})
	want := func(cpus, percent int) {
		t.Helper()
		gotCPUs, gotPercent := runtime.GOMAXPROCS(0), debug.SetGCPercent(77)
		if gotCPUs != cpus || gotPercent != percent {
			t.Errorf("%d CPUs and %d percent of garbage, want %d and %d", gotCPUs, gotPercent, cpus, percent)
		}
	}
	t.Setenv("GOMAXPROCS", "3")
	t.Setenv("GOGC", "77")
	boundCPUs(t.Context())
	boundGarbage(t.Context(), 40)
	want(3, 77)

	t.Setenv("GOMAXPROCS", "")
	t.Setenv("GOGC", "")
	known := &jobWatch{known: make(chan struct{})}
	known.learn()
	begin := (&clusterDrive{plan: &plan.Plan{Engine: engine.Plan{Steps: make([]engine.Step, 2000)}}}).begin(known)
	want(3, 77) // while it takes in its run
	begin(t.Context())
	want(1, 30)
}

func TestLargeRunsLetLessGarbageGather(t *testing.T) {
	t.Parallel()
	for steps, want := range map[int]int{0: 40, 1000: 40, 2000: 30, 10_000: 22, 100_000: 20} {
		if got := orchestratorGC(steps); got != want {
			t.Errorf("%d steps: %d percent, want %d", steps, got, want)
		}
	}
}
