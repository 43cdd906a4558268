package plan_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
)

func sample(change ...func(*plan.Plan)) *plan.Plan {
	g := graph.Graph{Pipeline: "p", Nodes: []graph.Node{{Name: "a", Kind: graph.Step, Shape: "int"}}}
	p := &plan.Plan{
		Version: plan.Version, Run: "r", Graph: g, Fingerprint: g.Fingerprint(),
		Params:    map[string]json.RawMessage{"n": json.RawMessage(`1`)},
		Engine:    engine.Plan{Steps: []engine.Step{{Name: "a", StartupTimeout: time.Minute}}},
		Submitted: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Kubernetes: &plan.Kubernetes{
			Templates:     []corev1.PodTemplateSpec{{Spec: corev1.PodSpec{SchedulerName: "mine"}}},
			StepTemplates: map[string]int{"a": 0},
			FailurePolicies: map[string]*batchv1.PodFailurePolicy{"a": {Rules: []batchv1.PodFailurePolicyRule{{
				Action:          batchv1.PodFailurePolicyActionIgnore,
				OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: "A", Status: corev1.ConditionTrue}},
			}}}},
		},
	}
	for _, c := range change {
		c(p)
	}
	return p
}

func encoded(t testing.TB, p *plan.Plan) []byte {
	t.Helper()
	b, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPlansArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	got, err := plan.Decode(encoded(t, sample()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if name := got.Kubernetes.Template("a").Spec.SchedulerName; name != "mine" {
		t.Errorf("the template of a is another: %q", name)
	}
}

// A process that has the plan's graph already keeps its own, in its own order; one that has another is told the plan's.
func TestDecodeForAGraph(t *testing.T) {
	t.Parallel()
	nodes := []graph.Node{{Name: "a", Kind: graph.Param, Shape: "int"}, {Name: "b", Kind: graph.Param, Shape: "int"}}
	submitted := graph.Graph{Pipeline: "p", Nodes: nodes}
	own := graph.Graph{Pipeline: "p", Nodes: []graph.Node{nodes[1], nodes[0]}}
	other := graph.Graph{Pipeline: "p", Nodes: nodes[:1]}
	b := encoded(t, &plan.Plan{Version: plan.Version, Graph: submitted, Fingerprint: submitted.Fingerprint()})
	for name, tt := range map[string]struct{ has, want graph.Graph }{
		"the same in another order": {own, own},
		"another":                   {other, submitted},
		"none":                      {graph.Graph{}, submitted},
	} {
		p, err := plan.DecodeFor(tt.has, tt.has.Fingerprint(), b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, p.Graph); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPlansThatCannotBeRightAreRefused(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*plan.Plan){
		"it has version 3":           func(p *plan.Plan) { p.Version = 3 },
		"its graph has fingerprint":  func(p *plan.Plan) { p.Graph.Nodes[0].Shape = "string" },
		`step "a" has no pod templa`: func(p *plan.Plan) { p.Kubernetes.StepTemplates["a"] = 1 },
	} {
		if _, err := plan.Decode(encoded(t, sample(change))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want one with %q", err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, sample()))
	f.Add([]byte("not gzip"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := plan.Decode(b)
		if err != nil || p.Kubernetes == nil {
			return
		}
		for _, s := range p.Graph.Steps() {
			p.Kubernetes.Template(s.Name) // must be there
		}
	})
}
