package sandbox

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

func TestCleanupUndoesEverythingInReverse(t *testing.T) {
	t.Parallel()
	var undo cleanup
	var got []string
	broken := errors.New("broken")
	undo.add(func() error { got = append(got, "a"); return nil })
	undo.add(func() error { got = append(got, "b"); return broken })
	undo.add(func() error { got = append(got, "c"); return nil })

	if err := undo.run(); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	if diff := cmp.Diff([]string{"c", "b", "a"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestMountPointGoesWithItsLastCluster(t *testing.T) {
	t.Parallel()
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	// That of the killed one is left behind.
	dir := filepath.Join(t.TempDir(), "new")
	var killed, first, second cleanup
	for pid, undo := range map[int]*cleanup{ended.Process.Pid: &killed, os.Getpid(): &first, 1: &second} {
		if err := claim(dir, pid, undo); err != nil {
			t.Fatal(err)
		}
	}
	if err := second.run(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("a cluster still uses it: %v", err)
	}
	if err := first.run(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want that it does not exist", err)
	}
}

func TestMountPointOfTheMachineStays(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var undo cleanup
	if err := claim(dir, os.Getpid(), &undo); err != nil {
		t.Fatal(err)
	}
	if err := undo.run(); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left %v, %v, want the folder as it was", entries, err)
	}
}

func TestRemoveTree(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "top")
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing, which is as good
		if err := removeTree(dir); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSweepStates(t *testing.T) {
	t.Parallel()
	ended := exec.Command("true")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	parent := t.TempDir()
	left := makeState(t, filepath.Join(parent, statePrefix+"left"), ended.Process.Pid)
	used := makeState(t, filepath.Join(parent, statePrefix+"used"), os.Getpid())

	if err := sweepStates(state.Dir(filepath.Join(parent, "mine"))); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(string(left)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what an ended cluster left: got %v, want that it does not exist", err)
	}
	if _, err := os.Stat(string(used)); err != nil {
		t.Errorf("what a running cluster uses: %v", err)
	}
	if err := sweepStates(used); err == nil || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("a folder in use: got error %v, want one that names the process", err)
	}
}

func makeState(t *testing.T, dir string, pid int) state.Dir {
	t.Helper()
	d := state.Dir(dir)
	if err := d.Create(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(d.PIDFile(), []byte(strconv.Itoa(pid)+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return d
}
