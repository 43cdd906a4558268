package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestCacheVersion runs a pipeline again: it is of the same version, so that no step gets a pod, and the report is the
// same. A third run is of another version of the steps, which get theirs.
func TestCacheVersion(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	first := s.cachedRun(t, "1")
	s.catchUp(t)
	made := s.attempts()
	if len(made["look"]) != 1 || len(made["after"]) != 1 {
		t.Errorf("the first run has made the pods %v, want one for each step", made)
	}

	second := s.cachedRun(t, "1")
	s.catchUp(t)
	if diff := cmp.Diff(made, s.attempts()); diff != "" {
		t.Errorf("pods of the steps (-before the second run +after it):\n%s", diff)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("report (-first run +second):\n%s", diff)
	}

	s.cachedRun(t, "2")
	s.catchUp(t)
	if made = s.attempts(); len(made["look"]) != 2 || len(made["after"]) != 2 {
		t.Errorf("up to the run of another version, the pods are %v, want two for each step", made)
	}
}

// cachedRun runs the program look with its values cached under a version, and returns its report.
func (s *scene) cachedRun(t *testing.T, version string) report {
	t.Helper()
	settings := withSettings(t, pipeline.KubernetesOrchestratorSettings{EnableCache: new(true), CacheVersion: &version})
	c := s.start(t, command{program: built(t, buildLook), env: []string{settings}})
	c.wantExit(t, cli.ExitSucceeded)
	return c.report(t)
}
