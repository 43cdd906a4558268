package e2e

import (
	"testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestBaseWithoutCertificates has a step run on an image that has a program and nothing else. It looks for public authorities, which
// it has from its own.
func TestBaseWithoutCertificates(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	base := e.pushProgram(t, built(t, buildFaults))
	c := e.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{BaseImage: &base}))
	c.wantExit(t, cli.ExitSucceeded)
	c.wantSeen(t, nil, nil)
}
