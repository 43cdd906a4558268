package engine_test

import (
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// cached answers a Start: the cluster has the step's value already.
func (r *rig) cached(step string) {
	r.Helper()
	r.succeed(step, 0)
	r.answer(step, engine.Answer{})
}

func TestStartThatMeetsACachedValueMakesNoAttempt(t *testing.T) {
	t.Parallel()
	r := newRig(t, fan(1))
	r.expect("start root/1")
	r.cached("root")
	r.expect("start s0/1")
	r.ends("root", record.Succeeded)
	if st := r.Status("root"); st.Attempt != 0 || st.State != engine.Done {
		t.Errorf("status %+v, want no attempt", st)
	}
	r.cached("s0")
	r.expect()
	if !r.Done() {
		t.Error("the run is not done")
	}
}

func TestCachedStepsAreNotStaggered(t *testing.T) {
	t.Parallel()
	p := fan(3)
	p.Stagger = 4 * time.Second
	r := newRig(t, p)
	r.succeed("root", 0)
	r.expect("start s0/1")
	r.sleep(time.Second)
	r.cached("s0")
	r.expect("start s1/1")
	r.see("s1", running(1))
	r.answer("s1", engine.Answer{})
	r.expect()
	r.wakesIn(4 * time.Second)
}

func TestCachedStepGivesItsPlaceFree(t *testing.T) {
	t.Parallel()
	p := fan(2)
	p.MaxParallelism = 1
	r := newRig(t, p)
	r.succeed("root", 0)
	r.expect("start s0/1")
	r.cached("s0")
	r.expect("start s1/1")
}

// Another orchestrator may have started the step before the value was found. That attempt has nothing to bring any more.
func TestAttemptBesideACachedValueIsRemoved(t *testing.T) {
	t.Parallel()
	r := newRig(t, fan(1))
	r.expect("start root/1")
	r.observe("root", engine.Observation{Result: result("root", 0), Sightings: []engine.Sighting{running(1)}})
	r.answer("root", engine.Answer{})
	r.expect("remove root/1", "start s0/1")
	r.ends("root", record.Succeeded)
}

func TestOneWhoOnlyLooksSeesACachedValue(t *testing.T) {
	t.Parallel()
	r := newViewerRig(t, fan(1))
	r.succeed("root", 0)
	r.expect()
	r.ends("root", record.Succeeded)
}
