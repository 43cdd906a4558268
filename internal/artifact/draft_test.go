package artifact_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

func TestDraftIsInMemoryUpToItsLimit(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		content []string
		memory  int64
		small   bool
	}{
		"nothing":        {nil, 0, true},
		"up to it":       {[]string{"con", "tent"}, 7, true},
		"past it":        {[]string{"con", "tent"}, 6, false},
		"past it later":  {[]string{"con", "te", "nt"}, 3, false},
		"past it a part": {[]string{"content", "!"}, 7, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := strings.Join(test.content, "")
			draft := written(t, artifact.Draft{Memory: test.memory}, test.content...)
			if draft.Size() != int64(len(whole)) || draft.Digest() != artifact.Sum([]byte(whole)) {
				t.Errorf("%d bytes, %s, want those of %q", draft.Size(), draft.Digest(), whole)
			}
			if b, small := draft.Bytes(); small != test.small || small && (b == nil || string(b) != whole) {
				t.Errorf("Bytes() = %q, %t, want %q, %t", b, small, whole, test.small)
			}
			s := artifact.NewDir(t.TempDir())
			if err := draft.Put(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := artifacttest.Read(t.Context(), s, draft.Digest(), draft.Size(), &got); err != nil || got.String() != whole {
				t.Errorf("the store has %q (%v), want %q", &got, err, whole)
			}
		})
	}
}

// written returns a draft to which the parts were written one after another.
func written(t *testing.T, draft artifact.Draft, parts ...string) *artifact.Draft {
	t.Helper()
	t.Cleanup(draft.Discard)
	for _, part := range parts {
		if n, err := io.WriteString(&draft, part); n != len(part) || err != nil {
			t.Fatalf("Write(%q) = %d, %v", part, n, err)
		}
	}
	return &draft
}

func TestDraftThatOnlyCounts(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	draft := written(t, artifact.Draft{Memory: 3, NoFile: true}, "con", "te", "nt")
	if _, small := draft.Bytes(); small || draft.Size() != 7 {
		t.Errorf("%d bytes, small: %t; want 7, too many", draft.Size(), small)
	}
	if err := draft.Put(t.Context(), artifact.NewDir(t.TempDir())); err == nil {
		t.Error("it was put, though its content is gone")
	}
}

func TestDraftCanBePutAgain(t *testing.T) {
	t.Parallel()
	for name, memory := range map[string]int64{"in memory": 100, "in a file": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			draft := written(t, artifact.Draft{Memory: memory}, "content")
			artifacttest.WantUnavailable(t, "Put", draft.Put(t.Context(), fakeStore{err: errors.New("broken")}))
			s := &countingStore{Store: artifact.NewDir(t.TempDir())}
			for range 3 {
				if err := draft.Put(t.Context(), s); err != nil {
					t.Fatal(err)
				}
			}
			if s.puts != 1 {
				t.Errorf("%d puts of what the store holds after the first, want 1", s.puts)
			}
		})
	}
}

// countingStore tells what reaches the store.
type countingStore struct {
	artifact.Store
	puts int
}

func (s *countingStore) Put(ctx context.Context, digest artifact.Digest, size int64, content io.Reader) error {
	s.puts++
	return s.Store.Put(ctx, digest, size, content)
}

func TestDraftPutEndsWithItsContext(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	draft := written(t, artifact.Draft{}, "content")
	if err := draft.Put(canceled, fakeStore{}); !errors.Is(err, context.Canceled) || isA[*artifact.UnavailableError](err) {
		t.Errorf("Put = %v, want %v, which is not the store's", err, context.Canceled)
	}
}

func TestDraftWithoutTempDir(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	var draft artifact.Draft
	for range 2 {
		if _, err := io.WriteString(&draft, "content"); err == nil || draft.Err() == nil || !strings.Contains(err.Error(), "emptyDir") {
			t.Errorf("Write = %v, Err = %v, want an error with a remedy", err, draft.Err())
		}
	}
	if err := draft.Put(t.Context(), fakeStore{}); err == nil || isA[*artifact.UnavailableError](err) {
		t.Errorf("Put = %v, want an error that does not blame the store", err)
	}
}

func TestDraftLeavesNoFile(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	draft := written(t, artifact.Draft{}, strings.Repeat("content", 1<<20))
	draft.Discard()
	wantEmpty(t, temp)
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%s holds %v, %v, want nothing", dir, entries, err)
	}
}
