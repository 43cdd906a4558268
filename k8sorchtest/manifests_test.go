package k8sorchtest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestManifestsAreTheSameEachTime(t *testing.T) {
	t.Parallel()
	render := func() string {
		p := newTrain().Settings(pipeline.KubernetesOrchestratorSettings{PodStartupTimeout: new(61)})
		return k8sorchtest.Manifests(t, k8sorchtest.New(t, p).Orchestrator(), p)
	}
	first := render()
	if diff := cmp.Diff(first, render()); diff != "" {
		t.Errorf("two renderings (-first +second):\n%s", diff)
	}
	for _, want := range []string{"kind: Job\n", "name: train-run\n", "name: train-1-00000000\n", "image: example.com/test@sha256:"} {
		if !strings.Contains(first, want) {
			t.Errorf("the manifests do not say %q", want)
		}
	}
}

func TestManifestsOfAPipelineThatIsWrong(t *testing.T) {
	t.Parallel()
	test := &failing{T: t}
	p := pipeline.New("empty")
	if text := k8sorchtest.Manifests(test, k8sorchtest.New(t).Orchestrator(), p); text != "" || len(test.said) != 1 {
		t.Errorf("manifests %q; the test fails with %q, want it to fail once", text, test.said)
	}
}
