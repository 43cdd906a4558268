package pipeline

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/org/k8sorch/internal/engine"
)

func TestSettingsSurviveJSON(t *testing.T) {
	t.Parallel()
	for _, row := range settingRows() {
		for i, value := range row.values {
			// Merging brings additional arguments into the form that reading gives them.
			want := mergeSettings(KubernetesOrchestratorSettings{}, value)
			var got KubernetesOrchestratorSettings
			remarshal(t, value, &got)
			got = mergeSettings(KubernetesOrchestratorSettings{}, got)
			if d := cmp.Diff(want, got, sameQuantity()); d != "" {
				t.Errorf("%s, value %d (-want +got):\n%s", row.field, i, d)
			}
		}
	}
}

// TestSettingsOfTheSpecification reads settings as the specification of the original system writes them.
func TestSettingsOfTheSpecification(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/podspec/specification.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var s KubernetesOrchestratorSettings
	if err := yaml.UnmarshalStrict(text, &s); err != nil {
		t.Fatal(err)
	}
	if problems := s.problems(pipelineScope); problems != nil {
		t.Fatalf("got %q, want no problems", problems)
	}
	checkGolden(t, "specification.golden.yaml", effects(t, s))
}

func TestUnknownSettingsAreRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`max_paralelism: 3`, `pod_settings: {node_selector: {a: b}}`, `pod_settings: {env: [{nam: A}]}`} {
		var s KubernetesOrchestratorSettings
		if err := yaml.UnmarshalStrict([]byte(text), &s); err == nil || !strings.Contains(err.Error(), "unknown field") {
			t.Errorf("%s: got %v, want an unknown field", text, err)
		}
	}
}

func TestZeroSettingsAreEmptyJSON(t *testing.T) {
	t.Parallel()
	for _, zero := range []any{KubernetesOrchestratorSettings{}, KubernetesPodSettings{}} {
		if text, err := json.Marshal(zero); err != nil || string(text) != "{}" {
			t.Errorf("%T: got %s, %v; want {}", zero, text, err)
		}
	}
}

func TestRetrySpendsTheFailedBudgetOnly(t *testing.T) {
	t.Parallel()
	retry := Retry{MaxRetries: 4, Delay: time.Second, Backoff: 2, MaxDelay: time.Minute, Jitter: 0.5}
	want := KubernetesOrchestratorSettings{}.engineStep(Retry{})
	want.Failed = engine.Budget{Retries: 4, Delay: time.Second, Factor: 2, Cap: time.Minute, Jitter: 0.5}
	if d := cmp.Diff(want, KubernetesOrchestratorSettings{}.engineStep(retry)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestRetryIfIsNoPartOfThePlan: a function cannot travel, and a change of it makes no other graph.
func TestRetryIfIsNoPartOfThePlan(t *testing.T) {
	t.Parallel()
	planned := func(retryIf func(error) bool) any {
		d, err := New("p").Step(Func0("a", func(context.Context) (int, error) { return 0, nil }).Retry(Retry{MaxRetries: 2, If: retryIf})).freeze()
		if err != nil {
			t.Fatal(err)
		}
		s := NewOrchestrator(Config{}).newSubmission(d, &runOptions{})
		return []any{d.graph.Fingerprint(), s.enginePlan()}
	}
	if diff := cmp.Diff(planned(nil), planned(func(error) bool { return false })); diff != "" {
		t.Errorf("without and with If (-want +got):\n%s", diff)
	}
}

func TestZeroTakesBackADefault(t *testing.T) {
	t.Parallel()
	got := KubernetesOrchestratorSettings{
		PodStartupTimeout: new(0), PodFailureMaxRetries: new(0), PodFailureRetryDelay: new(0), FailOnContainerWaitingReasons: []string{},
	}.engineStep(Retry{})
	want := engine.Step{
		Lost:       engine.Budget{Retries: 3, Delay: 2 * time.Second, Factor: 2, Cap: time.Minute},
		NotStarted: engine.Budget{Factor: 1},
		FailOn:     map[string]time.Duration{},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
