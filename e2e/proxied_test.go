package e2e

import (
	"testing"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestFaultyAPIServer has the client, the orchestrator and the steps of a run talk to the API server through a proxy that
// fails.
func TestFaultyAPIServer(t *testing.T) {
	t.Parallel()
	requireParts(t)
	for name, f := range map[string]faults{
		"watches are cut every 5s": {watches: 5 * time.Second},
		"calls fail":               {tooMany: 10, broken: 10, unavailable: 10},
		"answers are lost":         {lost: 50},
		"all of that":              {watches: 5 * time.Second, tooMany: 10, broken: 10, unavailable: 10, lost: 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			p := s.newProxy(t, f)
			through := pipeline.KubernetesPodSettings{Env: p.env()}
			run := fourLayers().command(t, time.Second)
			run.env = append(run.env, withSettings(t, pipeline.KubernetesOrchestratorSettings{
				PodSettings: &through, OrchestratorPodSettings: &through,
			}))
			direct := s.kubeconfig
			s.kubeconfig = p.kubeconfig(t, s.env)
			c := s.start(t, run)
			s.kubeconfig = direct
			c.wantExit(t, cli.ExitSucceeded)
			s.wantSound(t, fourLayers())
		})
	}
}
