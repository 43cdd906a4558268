package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// toBeKilled is a run whose orchestrator is to be killed, once with each of the scripts.
func toBeKilled(t *testing.T, scripts ...string) (*run, command) {
	t.Helper()
	state := t.TempDir()
	if err := os.Mkdir(filepath.Join(state, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := &run{
		lab:  &lab{state: state, client: fake.NewClientset()},
		Cell: figures.Cell{System: figures.K8sorch, Kill: true}, namespace: "n", ids: []string{"r"}, half: make(chan struct{}),
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

// TestDriveAllRunsThemAtOnce has two orchestrators that end when they have heard of each other.
func TestDriveAllRunsThemAtOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	meet := func(me, other string) string {
		return fmt.Sprintf("cd %s; touch %s; until [ -e %s ]; do sleep 0.01; done", dir, me, other)
	}
	r, first := toBeKilled(t, meet("a", "b"))
	_, second := toBeKilled(t, meet("b", "a"))
	r.Kill, r.AtOnce = false, 2
	processes, err := r.driveAll(t.Context(), []command{first, second})
	if err != nil || len(processes) != 2 || processes[0].started.IsZero() || processes[1].started.IsZero() {
		t.Errorf("processes %+v have run: %v", processes, err)
	}
}

func TestDriveAllEndsWithTheFirstThatFails(t *testing.T) {
	t.Parallel()
	r, first := toBeKilled(t, "exec sleep 1000")
	_, second := toBeKilled(t, "echo out of luck; exit 3")
	r.Kill, r.AtOnce = false, 2
	if _, err := r.driveAll(t.Context(), []command{first, second}); err == nil || !strings.Contains(err.Error(), "out of luck") {
		t.Errorf("%v, want what the second has said", err)
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
