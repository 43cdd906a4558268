package artifact_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

func writeSome(w io.Writer) error {
	_, err := io.Copy(w, artifacttest.Content(1<<20))
	return err
}

func TestWriteErrors(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	broken := errors.New("broken")
	tests := map[string]struct {
		ctx   context.Context
		store artifact.Store
		write func(io.Writer) error
		want  func(error) bool
	}{
		"none":             {t.Context(), fakeStore{}, writeSome, func(err error) bool { return err == nil }},
		"of the writer":    {t.Context(), fakeStore{}, func(w io.Writer) error { return errors.Join(writeSome(w), broken) }, is(broken)},
		"of the store":     {t.Context(), fakeStore{err: broken}, writeSome, isA[*artifact.UnavailableError]},
		"of the context":   {canceled, fakeStore{}, writeSome, is(context.Canceled)},
		"that are ignored": {canceled, fakeStore{}, func(w io.Writer) error { _ = writeSome(w); return nil }, is(context.Canceled)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			digest, _, err := artifact.Write(test.ctx, test.store, test.write)
			if !test.want(err) || (err != nil && digest != "") {
				t.Errorf("Write = %q, %v", digest, err)
			}
			wantEmpty(t, temp)
		})
	}
}

func TestWritePanics(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	defer func() {
		if recover() == nil {
			t.Error("Write swallowed the panic")
		}
		wantEmpty(t, temp)
	}()
	_, _, _ = artifact.Write(t.Context(), fakeStore{}, func(io.Writer) error { panic("in the encoder") })
}

func TestWriteWithoutTempDir(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	_, _, err := artifact.Write(t.Context(), fakeStore{}, writeSome)
	if err == nil || isA[*artifact.UnavailableError](err) {
		t.Errorf("Write = %v, want an error that does not blame the store", err)
	}
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%s holds %v, %v, want nothing", dir, entries, err)
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

func TestWriteSkipsWhatIsThere(t *testing.T) {
	t.Parallel()
	s := &countingStore{Store: artifact.NewDir(t.TempDir())}
	for range 3 {
		if _, _, err := artifact.Write(t.Context(), s, writeSome); err != nil {
			t.Fatal(err)
		}
	}
	if s.puts != 1 {
		t.Errorf("%d puts, want 1", s.puts)
	}
}

func TestWriteFile(t *testing.T) {
	t.Parallel()
	s := artifact.NewDir(t.TempDir())
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	digest, size, err := artifact.WriteFile(t.Context(), s, path)
	if want := artifact.Sum([]byte("content")); digest != want || size != 7 || err != nil {
		t.Errorf("WriteFile = %s, %d, %v, want %s", digest, size, err, want)
	}
	for name, path := range map[string]string{"a directory": t.TempDir(), "nothing": path + ".missing"} {
		if _, _, err := artifact.WriteFile(t.Context(), s, path); err == nil || isA[*artifact.UnavailableError](err) {
			t.Errorf("WriteFile of %s = %v, want an error that does not blame the store", name, err)
		}
	}
}

// meddlingStore changes a file before it takes it.
type meddlingStore struct {
	artifact.Store
	meddle func()
}

func (s meddlingStore) Put(ctx context.Context, digest artifact.Digest, size int64, content io.Reader) error {
	s.meddle()
	return s.Store.Put(ctx, digest, size, content)
}

func TestWriteFileThatChanges(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		after  string
		stored bool
	}{"other bytes": {"Content", false}, "shorter": {"con", false}, "longer": {"content, more", true}}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(path, []byte("content"), 0o600); err != nil {
				t.Fatal(err)
			}
			dir := artifact.NewDir(t.TempDir())
			s := meddlingStore{dir, func() { _ = os.WriteFile(path, []byte(test.after), 0o600) }}
			_, _, err := artifact.WriteFile(t.Context(), s, path)
			if (err == nil) != test.stored || isA[*artifact.UnavailableError](err) {
				t.Errorf("WriteFile = %v, want it stored: %t", err, test.stored)
			}
			if _, err := dir.Stat(t.Context(), artifact.Sum([]byte("content"))); (err == nil) != test.stored {
				t.Errorf("Stat = %v, want it stored: %t", err, test.stored)
			}
		})
	}
}
