package plan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
)

// rich has something in every field of a plan.
func rich(p *plan.Plan) {
	p.Artifacts, p.Schedule, p.Scheduled = "file:///values", "nightly", p.Submitted.Add(time.Hour)
	p.Trace = map[string]string{"traceparent": "00"}
	p.Hooks = []engine.Step{{Name: "told"}}
	p.Cache = &plan.Cache{Lookup: plan.ByStep, Steps: map[string]plan.CachedStep{"a": {Version: "1"}}}
	p.Kubernetes.SkipOwners, p.Kubernetes.PodNamePrefix = true, "mine"
}

// The process of a step is given all of the plan but what others do with it.
func TestDecodeForStep(t *testing.T) {
	t.Parallel()
	want := sample(rich)
	want.Engine, want.Hooks, want.Kubernetes = engine.Plan{}, nil, &plan.Kubernetes{SkipOwners: true}
	got, err := plan.DecodeForStep(graph.Graph{}, "", encoded(t, sample(rich)))
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, plan (-want +got):\n%s", err, diff)
	}
	local := sample(func(p *plan.Plan) { p.Kubernetes = nil })
	got, err = plan.DecodeForStep(local.Graph, local.Fingerprint, encoded(t, local))
	if err != nil || got.Kubernetes != nil || got.Fingerprint != local.Fingerprint {
		t.Errorf("of a run of processes: plan %+v, error %v", got, err)
	}
}

func TestStepsRefuseWhatIsNoPlan(t *testing.T) {
	t.Parallel()
	other := graph.Graph{Pipeline: "other"}
	for want, b := range map[string][]byte{
		"it has version 3":          encoded(t, sample(func(p *plan.Plan) { p.Version = 3 })),
		"its graph has fingerprint": encoded(t, sample(func(p *plan.Plan) { p.Graph = other })),
		"invalid character":         packed(t, `{"version":2,"engine":{"steps":}}`),
		"unexpected EOF":            []byte("not gzip"),
	} {
		if p, err := plan.DecodeForStep(other, other.Fingerprint(), b); err == nil || !strings.Contains(err.Error(), want) || p != nil {
			t.Errorf("plan %v, error %v, want one with %q", p, err, want)
		}
	}
}
