package e2e

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestCache runs a pipeline four times: to make its values, in records and in a claim; twice to take them from there, by
// the orchestrator and by the pods of the steps; and once with another parameter.
func TestCache(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.makeClaim(t, "shared")
	cached := pipeline.KubernetesOrchestratorSettings{EnableCache: new(true)}
	byStep := pipeline.KubernetesOrchestratorSettings{EnableCache: new(true), PreventOrchestratorPodCaching: new(true)}
	first := s.runDiamond(t, cached)
	for _, step := range first.Steps {
		if step.Cached != nil || step.CacheMiss != "no earlier value" {
			t.Errorf("in the first run, step %s is cached from %+v (%s)", step.Name, step.Cached, step.CacheMiss)
		}
	}
	s.wantPods(t, 8)
	s.wantCached(t, s.runDiamond(t, cached), first.ID)
	s.wantPods(t, 8)
	s.wantCached(t, s.runDiamond(t, byStep), first.ID)
	s.wantPods(t, 16)
	last := s.runDiamond(t, cached, "--size", "1000")
	if source, _ := last.Step("source"); source.CacheMiss != "parameter size changed" {
		t.Errorf("with another parameter, step source is not cached because %q", source.CacheMiss)
	}
	s.wantPods(t, 24)
}

// runDiamond runs the diamond with its artifacts in the claim called shared.
func (s *scene) runDiamond(t *testing.T, settings pipeline.KubernetesOrchestratorSettings, args ...string) *pipeline.Run {
	t.Helper()
	c := s.start(t, command{
		program: built(t, buildDiamond), env: []string{withSettings(t, settings)},
		args: append([]string{"--artifacts", "pvc://shared", "--output", "json"}, args...),
	})
	c.wantExit(t, cli.ExitSucceeded)
	var run pipeline.Run
	if err := json.Unmarshal([]byte(c.stdout.String()), &run); err != nil {
		t.Fatal(err)
	}
	return &run
}

// wantCached fails the test unless every value of a run was taken from another.
func (s *scene) wantCached(t *testing.T, run *pipeline.Run, from string) {
	t.Helper()
	got, want := map[string]string{}, map[string]string{}
	for _, step := range run.Steps {
		want[step.Name], got[step.Name] = from, step.CacheMiss
		if step.Cached != nil {
			got[step.Name] = step.Cached.Run
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("where the values of run %s are from (-want +got):\n%s", run.ID, diff)
	}
}

// wantPods fails the test unless so many pods were made for steps so far.
func (s *scene) wantPods(t *testing.T, want int) {
	t.Helper()
	s.catchUp(t)
	n := 0
	for _, attempts := range s.attempts() {
		n += len(attempts)
	}
	if n != want {
		t.Errorf("%d pods were made for steps, want %d", n, want)
	}
}
