package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOldRunsAreRemoved(t *testing.T) {
	t.Parallel()
	base, now := t.TempDir(), time.Now()
	place := func(name string, age time.Duration) {
		dir := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Join(dir, "artifacts"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	const week = 7 * 24 * time.Hour
	place("train-250101-000000-aaaaa", time.Hour) // may be under way
	for i := range keptRuns + 2 {
		place(fmt.Sprintf("train-26%02d01-000000-aaaaa", i), week)
	}
	place("train-more-250101-000000-aaaaa", week) // another pipeline's
	place("notes", week)
	if err := removeOldRuns(base, "train", now); err != nil {
		t.Fatal(err)
	}
	want := []string{"notes", "train-250101-000000-aaaaa"}
	for i := range keptRuns {
		want = append(want, fmt.Sprintf("train-26%02d01-000000-aaaaa", i+2))
	}
	want = append(want, "train-more-250101-000000-aaaaa")
	entries, err := os.ReadDir(base)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}
