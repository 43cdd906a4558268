package e2e

import (
	"encoding/json"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/e2e/testdata/sight"
)

var buildLook = sync.OnceValues(func() (string, error) { return build(".", "./testdata/look") })

// looking starts the program look, whose step "look" tells what it sees with these settings.
func looking(t *testing.T, settings pipeline.KubernetesOrchestratorSettings, args ...string) command {
	t.Helper()
	return command{program: built(t, buildLook), env: []string{withStepSettings(t, settings)}, args: args}
}

// lookingAt makes the flags that tell the step what to look at.
func lookingAt(t *testing.T, files, variables []string) []string {
	t.Helper()
	var args []string
	for flag, names := range map[string][]string{"--files": files, "--variables": variables} {
		if len(names) == 0 {
			continue
		}
		text, err := json.Marshal(names)
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, flag, string(text))
	}
	return args
}

// report is what the program look prints in the end.
type report struct {
	Look sight.Sight `json:"look"`
	// After is the account of the step after it, which has no settings of its own.
	After string `json:"after"`
}

func (c *client) report(t *testing.T) report {
	t.Helper()
	var r report
	if err := json.Unmarshal([]byte(c.stdout.String()), &r); err != nil {
		t.Fatalf("reading the report: %v\n%s", err, c.stdout)
	}
	return r
}

// wantSeen fails the test unless the step has seen these files and variables.
func (c *client) wantSeen(t *testing.T, files, variables map[string]string) {
	t.Helper()
	got := c.report(t).Look
	if !got.Trusts {
		t.Error("the step does not trust certificates of public authorities")
	}
	if diff := cmp.Diff(files, got.Files); diff != "" {
		t.Errorf("files that the step has seen (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(variables, got.Variables); diff != "" {
		t.Errorf("variables that the step has seen (-want +got):\n%s", diff)
	}
}

// account is the user that pods of a service account of the namespace are.
func (e *env) account(name string) string { return "system:serviceaccount:" + e.namespace + ":" + name }
