package e2e

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestPodsAgainstPodSecurity asks for what a namespace that enforces "restricted" refuses. It is told before anything is
// made of the run, with the label that says so. TestQuickstart runs in such a namespace with the defaults.
func TestPodsAgainstPodSecurity(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	made := slices.Sorted(slices.Values(append(whats(e.inventory(t)), accounts()...)))
	for name, settings := range map[string]pipeline.KubernetesOrchestratorSettings{
		"privileged": {Privileged: new(true)},
		"host IPC":   {PodSettings: &pipeline.KubernetesPodSettings{HostIPC: new(true)}},
		"host path":  {PodSettings: &pipeline.KubernetesPodSettings{Volumes: []corev1.Volume{hostVolume("node", "/")}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := e.start(t, looking(t, settings))
			c.wantExit(t, cli.ExitNotSubmitted)
			wantOneError(t, c.stderr.String(), `step "look"`, "violates PodSecurity", enforceLabel+"=restricted")
		})
	}
	if diff := cmp.Diff(made, whats(e.inventory(t))); diff != "" {
		t.Errorf("objects in the namespace (-want +got):\n%s", diff)
	}
}
