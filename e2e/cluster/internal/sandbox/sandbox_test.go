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

func TestMakeDirRemovesOnlyWhatItMade(t *testing.T) {
	t.Parallel()
	there := t.TempDir()
	var undo cleanup
	if err := makeDir(filepath.Join(there, "new", "newer"), &undo); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(there, "new", "newer")); err != nil {
		t.Fatal(err)
	}
	if err := undo.run(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(there)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) > 0 {
		t.Errorf("left %v", entries)
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
