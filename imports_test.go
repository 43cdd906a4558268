package pipeline_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/org/k8sorch"

// imports returns what the packages of a pattern import, tests left out, by package.
func imports(t *testing.T, pattern, field string) map[string][]string {
	t.Helper()
	output, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join ."+field+" \" \"}}", pattern).Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	found := map[string][]string{}
	for line := range strings.Lines(string(output)) {
		words := strings.Fields(line)
		found[words[0]] = words[1:]
	}
	return found
}

// TestDataFlowsOneWay holds the layers apart: what is internal does not know the root, and the engine knows no cluster.
func TestDataFlowsOneWay(t *testing.T) {
	t.Parallel()
	for name, deps := range imports(t, "./internal/...", "Deps") {
		if slices.Contains(deps, module) {
			t.Errorf("%s depends on the root package", name)
		}
	}
	for name, deps := range imports(t, "./internal/engine", "Deps") {
		for _, dep := range deps {
			if strings.HasPrefix(dep, "k8s.io/") || strings.HasPrefix(dep, module+"/internal/kube") {
				t.Errorf("%s depends on %s: the engine knows no cluster", name, dep)
			}
		}
	}
}

// TestTheCoreStaysLight keeps out of every program what only some need.
func TestTheCoreStaysLight(t *testing.T) {
	t.Parallel()
	heavy := []string{"gocloud.dev", "go.opentelemetry.io", "github.com/prometheus", "github.com/aws", "cloud.google.com", "github.com/Azure", "k8s.io/client-go/kubernetes/fake", "testing"}
	for _, pattern := range []string{".", "./cli"} {
		for name, deps := range imports(t, pattern, "Deps") {
			for _, dep := range deps {
				for _, prefix := range heavy {
					if dep == prefix || strings.HasPrefix(dep, prefix+"/") {
						t.Errorf("%s depends on %s", name, dep)
					}
				}
			}
		}
	}
}
