//go:build darwin || linux

package process_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

// drive drives a run of step s with the engine, as one orchestrator does, until it is done or ctx ends.
func drive(ctx context.Context, t *testing.T, dir, what string, changed func(engine.Status)) (*engine.Machine, error) {
	t.Helper()
	machine, err := engine.NewMachine(engine.Plan{Steps: []engine.Step{{Name: "s", Lost: engine.Budget{Retries: 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := process.New(process.Config{Dir: dir, Env: does(what)})
	if err != nil {
		t.Fatal(err)
	}
	driver := &engine.Driver{Machine: machine, Cluster: cluster, Logger: zap.NewNop(), Changed: changed}
	err = driver.Run(ctx)
	cluster.Wait()
	return machine, err
}

func TestRunGoesOnWhereAKilledProcessLeftOff(t *testing.T) {
	t.Parallel()
	dir := newRun(t)
	if err := own(t, dir, "have heir").Process.Kill(); err != nil {
		t.Fatal(err)
	}
	machine, err := drive(t.Context(), t, dir, "succeed", nil)
	if err != nil || machine.Outcome() != record.Succeeded {
		t.Fatalf("the run ended as %s (%v), want it to succeed", machine.Outcome(), err)
	}
	b := watch(t, process.Config{Dir: dir})
	view := b.View("s")
	if len(view.Closed) != 1 || view.Closed[0].Reason != "Abandoned" || view.Result == nil || view.Result.Attempt != 2 {
		t.Errorf("records = %+v and %+v, want a lost first attempt and the second one's result", view.Closed, view.Result)
	}
}

func TestInterruptedRunGoesOn(t *testing.T) {
	t.Parallel()
	dir := newRun(t)
	ctx, interrupt := context.WithCancel(t.Context())
	_, err := drive(ctx, t, dir, "hang", func(s engine.Status) {
		if s.State == engine.State(engine.Running) {
			interrupt()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("the interrupted run ended with %v", err)
	}
	machine, err := drive(t.Context(), t, dir, "succeed", nil)
	if err != nil || machine.Outcome() != record.Succeeded {
		t.Errorf("the run ended as %s (%v), want it to succeed", machine.Outcome(), err)
	}
}
