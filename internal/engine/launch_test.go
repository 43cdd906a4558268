package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func TestStaggerHoldsStartsApart(t *testing.T) {
	t.Parallel()
	p := fan(3)
	p.Stagger = 4 * time.Second
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1")
	r.wakesIn(4 * time.Second)
	r.sleep(4*time.Second - 1)
	r.expect()
	r.sleep(1)
	r.expect("start s1/1")
}

func TestStaggerIsKeptToTheStartsOfThePredecessor(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.Stagger = 4 * time.Second
	r := newRig(t, p)
	r.succeed("root", 1)
	r.see("s0", running(1))
	r.expect()
	r.wakesIn(4 * time.Second)
	r.sleep(4 * time.Second)
	r.expect("start s1/1")
}

func TestMaxParallelismCountsWhatIsNotSeenYet(t *testing.T) {
	t.Parallel()
	p := fan(4)
	p.MaxParallelism = 2
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1", "start s1/1")
	r.wakesIn(0)
	r.see("s0", running(1))
	r.answer("s0", engine.Answer{})
	r.expect()
	// A step is over when its result is recorded, though its process is not.
	r.observe("s0", engine.Observation{Result: result("s0", 1), Sightings: []engine.Sighting{running(1)}})
	r.expect("start s2/1")
}

func TestPlaceIsKeptUntilAClosedAttemptIsKnownToBeOver(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.MaxParallelism = 1
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1")
	r.see("s0", failed(1))
	r.answer("s0", engine.Answer{})
	r.expect("close s0/1")
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("start s1/1")
}

func TestMoreAttemptsThanAllowedAreLeftToEnd(t *testing.T) {
	t.Parallel()
	p := fan(3)
	p.MaxParallelism = 1
	r := newRig(t, p)
	r.succeed("root", 1)
	r.see("s0", running(1))
	r.see("s1", running(1))
	r.expect()
	r.succeed("s0", 1)
	r.expect()
	r.succeed("s1", 1)
	r.expect("start s2/1")
}

func TestFirstInOrderGoesFirst(t *testing.T) {
	t.Parallel()
	p := fan(3)
	p.MaxParallelism = 1
	p.Steps[1].Failed.Delay = 0
	r := newRig(t, p)
	r.succeed("root", 1)
	r.expect("start s0/1")
	r.observe("s0", engine.Observation{Closed: []record.Attempt{closed("s0", 1, record.Failed)}})
	r.answer("s0", engine.Answer{})
	r.expect("confirm s0/1")
	r.absent("s0")
	r.expect("start s0/2")
}

func TestLongestWayGoesFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t, engine.Plan{MaxParallelism: 1, Steps: []engine.Step{
		{Name: "short"}, {Name: "other"}, {Name: "long"}, {Name: "middle", Needs: []string{"long"}},
		{Name: "last", Needs: []string{"middle"}}, {Name: "next", Needs: []string{"other"}},
	}})
	for _, want := range []string{"long", "other", "middle", "short", "last", "next"} {
		r.expect("start " + want + "/1")
		r.see(want, running(1))
		r.answer(want, engine.Answer{})
		r.succeed(want, 1)
	}
	r.expect()
}

func TestPlansThatMakeNoGraph(t *testing.T) {
	t.Parallel()
	for want, steps := range map[string][]engine.Step{
		`planning step "a": it needs "b", which does not come before it`: {{Name: "a", Needs: []string{"b"}}, {Name: "b"}},
		`planning step "b": it needs "b", which does not come before it`: {{Name: "b", Needs: []string{"b"}}},
		`planning step "a": a step before it has the same name`:          {{Name: "a"}, {Name: "a"}},
	} {
		for _, build := range []func(engine.Plan) (*engine.Machine, error){engine.NewMachine, engine.NewViewer} {
			if _, err := build(engine.Plan{Steps: steps}); err == nil || err.Error() != want {
				t.Errorf("error = %v, want %s", err, want)
			}
		}
	}
}

func TestRunWithoutStepsSucceeds(t *testing.T) {
	t.Parallel()
	r := newRig(t, engine.Plan{})
	r.expect()
	if got := r.Outcome(); !r.Done() || got != record.Succeeded {
		t.Errorf("done: %t, outcome %s", r.Done(), got)
	}
}

func TestStrangersAreIgnored(t *testing.T) {
	t.Parallel()
	r := newRig(t, chain(1))
	r.succeed("stranger", 1)
	r.Answer(engine.Command{Do: engine.Start, Step: "stranger", Attempt: 1}, engine.Answer{}, r.now)
	r.Answer(engine.Command{Do: engine.Start, Step: "s0", Attempt: 1}, engine.Answer{}, r.now)
	r.Trouble(engine.Command{Step: "stranger"}, "none")
	r.expect("start s0/1")
	if got := r.Status("stranger"); got.Step != "stranger" || got.State != "" {
		t.Errorf("status = %+v", got)
	}
}
