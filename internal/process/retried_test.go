package process_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
)

func TestRunIsDrivenByOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stop, err := process.Drive(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := process.Drive(dir); !errors.Is(err, process.ErrDriven) {
		t.Errorf("driving the run a second time: %v, want %v", err, process.ErrDriven)
	}
	if pid, driven := process.Driven(dir); pid != os.Getpid() || !driven {
		t.Errorf("the run is driven by process %d (%t), want this one, %d", pid, driven, os.Getpid())
	}
	if err := process.Delete(dir); !errors.Is(err, process.ErrDriven) {
		t.Errorf("deleting the run that is driven: %v, want %v", err, process.ErrDriven)
	}
	stop()
	if _, driven := process.Driven(dir); driven {
		t.Error("the run is driven though nobody does any more")
	}
	stop, err = process.Drive(dir)
	if err != nil {
		t.Fatalf("driving the run that nobody drives any more: %v", err)
	}
	stop()
	if _, err := process.Drive(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("driving a run that is not there: %v, want %v", err, fs.ErrNotExist)
	}
}

func TestRetriedRunKeepsWhatStands(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := planOf("r", "a", "b", "c")
	if _, err := process.New(process.Config{Dir: dir, Plan: p}); err != nil {
		t.Fatal(err)
	}
	commit := process.NewCommitter(dir, nil)
	for _, step := range []string{"a", "b"} {
		if _, err := commit.Commit(t.Context(), record.Result{Run: p.Run, Step: step, Attempt: 2, Digest: string(artifact.Sum(nil)), Inline: true}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := process.DecideEnd(dir, record.RunEnd{Run: p.Run, Outcome: record.Failed}); err != nil {
		t.Fatal(err)
	}
	was, err := process.ReadRetried(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 2}, was.Attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	next := *was.Plan
	next.Engine.MaxParallelism = 7
	if err := process.Renew(dir, &next, []string{"b", "c"}); err != nil {
		t.Fatal(err)
	}
	is, err := process.ReadRetried(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, kept := is.Results["a"]; !kept || len(is.Results) != 1 || is.Plan.Engine.MaxParallelism != 7 {
		t.Errorf("the run has the results %v and the plan %+v; want that of a, and the new plan", is.Results, is.Plan.Engine)
	}
	if _, err := os.Stat(filepath.Join(dir, record.EndFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the record of the end is still there (%v)", err)
	}
}

func TestReadRetriedWithoutARun(t *testing.T) {
	t.Parallel()
	if _, err := process.ReadRetried(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want %v", err, fs.ErrNotExist)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, plan.FileName), []byte("no plan"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := process.ReadRetried(dir); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one about the plan", err)
	}
}
