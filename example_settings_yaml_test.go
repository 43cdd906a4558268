package pipeline_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch"
)

// TestExampleIsTheSpecifications holds the example in Go to the same settings in YAML.
func TestExampleIsTheSpecifications(t *testing.T) {
	t.Parallel()
	want, err := pipeline.LoadSettings("testdata/podspec/specification.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(jsonTree(t, want), jsonTree(t, kubernetesSettings)); d != "" {
		t.Errorf("-YAML +Go:\n%s", d)
	}
}

// jsonTree is the JSON form of settings: their types remember how numbers were written.
func jsonTree(t *testing.T, s pipeline.KubernetesOrchestratorSettings) (tree any) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}
