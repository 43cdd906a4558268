package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// toBeKilled is a run whose orchestrator is to be killed, once with each of the scripts.
func toBeKilled(t *testing.T, scripts ...string) (*run, func(context.Context) (*exec.Cmd, error)) {
	t.Helper()
	state := t.TempDir()
	if err := os.Mkdir(filepath.Join(state, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := &run{
		lab:  &lab{state: state, client: fake.NewClientset()},
		Cell: figures.Cell{System: figures.K8sorch, Kill: true}, namespace: "n", half: make(chan struct{}),
	}
	return r, func(ctx context.Context) (*exec.Cmd, error) {
		script := scripts[0]
		scripts = scripts[1:]
		return exec.CommandContext(ctx, "sh", "-c", script), nil
	}
}

func TestDriveKillsAtHalf(t *testing.T) {
	t.Parallel()
	r, command := toBeKilled(t, "exec sleep 1000", "exit 0")
	close(r.half)
	processes, err := r.drive(t.Context(), command)
	if err != nil || len(processes) != 2 {
		t.Errorf("%d processes have run: %v", len(processes), err)
	}
}

// TestDriveNoticesWhoIsNotKilled has orchestrators that end by themselves before half of the steps have.
func TestDriveNoticesWhoIsNotKilled(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"echo out of luck; exit 3": "out of luck",
		"exit 0":                   "was not killed",
	} {
		r, command := toBeKilled(t, script)
		if _, err := r.drive(t.Context(), command); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", script, err, want)
		}
	}
}
