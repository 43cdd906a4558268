package process

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
	"github.com/org/k8sorch/internal/record"
)

func TestFirstOfManyMakesTheFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "record")
	stands := make([]string, 16)
	var group sync.WaitGroup
	for i := range stands {
		group.Go(func() {
			b, err := makeOnce(path, fmt.Append(nil, "from ", i))
			if err != nil {
				t.Error(err)
			}
			stands[i] = string(b)
		})
	}
	group.Wait()
	for _, s := range stands {
		if s != stands[0] || !strings.HasPrefix(s, "from ") {
			t.Fatalf("what stands is %q, want the same for all", stands)
		}
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v is left, want the record alone (%v)", left, err)
	}
}

func FuzzParseAttemptFile(f *testing.F) {
	f.Add("s.attempt-1.json")
	f.Add("s.attempt-01.json")
	f.Add("s.result.json")
	f.Fuzz(func(t *testing.T, name string) {
		if step, attempt, ok := parseAttemptFile(name); ok && record.AttemptFile(step, attempt) != name {
			t.Errorf("parseAttemptFile(%q) = %q, %d, which is called %q", name, step, attempt, record.AttemptFile(step, attempt))
		}
	})
}

// unreachable is a store that cannot be written to.
type unreachable struct{ artifact.Store }

func (unreachable) Stat(context.Context, artifact.Digest) (int64, error) { return 0, io.ErrClosedPipe }

func (unreachable) Put(context.Context, artifact.Digest, int64, io.Reader) error {
	return io.ErrClosedPipe
}

func resultOf(value string) record.Result {
	return record.Result{Run: "r", Step: "s", Digest: string(artifact.Sum([]byte(value))), Size: int64(len(value)), Inline: true}
}

func TestNoRecordWithoutItsValue(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, test := range map[string]struct {
		store artifact.Store
		value string
	}{
		"store out of reach": {unreachable{}, "7"},
		"another value":      {nil, "8"},
	} {
		if _, err := NewCommitter(dir, test.store).Commit(t.Context(), resultOf("7"), []byte(test.value)); err == nil {
			t.Errorf("%s: Commit() made a record", name)
		}
	}
	if r, err := readResult(dir, "s"); r != nil || err != nil {
		t.Errorf("the record is %+v (%v), want none", r, err)
	}
}

func TestCommittedValueIsInTheStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := NewCommitter(dir, nil).Commit(t.Context(), resultOf("7"), []byte("7"))
	if err != nil || first.Inline {
		t.Fatalf("Commit() = %+v, %v, want a record whose value is not inline", first, err)
	}
	var value strings.Builder
	err = artifacttest.Read(t.Context(), DefaultStore(dir), artifact.Digest(first.Digest), first.Size, &value)
	if err != nil || value.String() != "7" {
		t.Errorf("value = %q, %v, want 7", &value, err)
	}
	// What was recorded already can be told of again by those who do not have the value.
	again, err := NewCommitter(dir, unreachable{}).Commit(t.Context(), resultOf("7"), nil)
	if err != nil || again != first {
		t.Errorf("Commit() = %+v, %v, want the record that stands: %+v", again, err, first)
	}
}

func TestBrokenRecordIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, record.ResultFile("s"))
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readResult(dir, "s"); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("readResult() = %v, want an error that names %s", err, path)
	}
}
