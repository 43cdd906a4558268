package artifact_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

func TestDir(t *testing.T) {
	t.Parallel()
	artifacttest.Run(t, func(t *testing.T) artifact.Store {
		return artifact.NewDir(filepath.Join(t.TempDir(), "made", "by", "put"))
	})
}

func TestDirProcesses(t *testing.T) {
	t.Parallel()
	open := func(_ context.Context, url string) (artifact.Store, error) {
		location, err := artifact.ParseURL(url)
		return location.Dir(""), err
	}
	artifacttest.RunProcesses(t, open, func(t *testing.T) string { return "file://" + t.TempDir() })
}

// put stores b and returns its file in the directory at root.
func put(t *testing.T, s artifact.Store, root string, b []byte) (artifact.Digest, string) {
	t.Helper()
	digest, err := artifact.WriteBytes(t.Context(), s, b)
	if err != nil {
		t.Fatal(err)
	}
	key, err := digest.Key()
	if err != nil {
		t.Fatal(err)
	}
	return digest, filepath.Join(root, key)
}

func TestDirGone(t *testing.T) {
	t.Parallel()
	mount := filepath.Join(t.TempDir(), "mount")
	s := artifact.NewDir(mount)
	digest, _ := put(t, s, mount, []byte("x"))
	away := mount + ".away"
	if err := os.Rename(mount, away); err != nil {
		t.Fatal(err)
	}
	t.Run("removed", func(t *testing.T) { artifacttest.WantAllUnavailable(t, s, digest) })
	if err := os.Mkdir(mount, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Run("unmounted", func(t *testing.T) { artifacttest.WantAllUnavailable(t, s, digest) })
	t.Run("unmounted before this process started", func(t *testing.T) {
		_, err := artifact.Open(t.Context(), artifact.NewDir(mount), digest, 1)
		artifacttest.WantUnavailable(t, "Open", err)
	})
	if err := errors.Join(os.Remove(mount), os.Rename(away, mount)); err != nil {
		t.Fatal(err)
	}
	t.Run("mounted again", func(t *testing.T) {
		if _, err := s.Stat(t.Context(), digest); err != nil {
			t.Error(err)
		}
	})
}

// A process that has only read from the store knows as well that it was there.
func TestDirGoneAfterReading(t *testing.T) {
	t.Parallel()
	reads := map[string]func(context.Context, *artifact.Dir, artifact.Digest) error{
		"Get": func(ctx context.Context, s *artifact.Dir, digest artifact.Digest) error {
			return artifacttest.Read(ctx, s, digest, 1, io.Discard)
		},
		"Stat": func(ctx context.Context, s *artifact.Dir, digest artifact.Digest) error {
			_, err := s.Stat(ctx, digest)
			return err
		},
	}
	for name, read := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := filepath.Join(t.TempDir(), "store")
			digest, _ := put(t, artifact.NewDir(root), root, []byte("x"))
			s := artifact.NewDir(root)
			if err := errors.Join(read(t.Context(), s, digest), os.RemoveAll(root)); err != nil {
				t.Fatal(err)
			}
			artifacttest.WantAllUnavailable(t, s, digest)
		})
	}
}

func TestDirThatIsAFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	artifacttest.WantAllUnavailable(t, artifact.NewDir(path), artifact.Sum(nil))
}

func TestDirReplacesTruncatedFile(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s := artifact.NewDir(root)
	digest, file := put(t, s, root, []byte("whole"))
	if err := os.Truncate(file, 2); err != nil {
		t.Fatal(err)
	}
	put(t, s, root, []byte("whole"))
	if size, err := s.Stat(t.Context(), digest); err != nil || size != 5 {
		t.Errorf("Stat = %d, %v, want 5", size, err)
	}
}

// A process that is killed in Put leaves a staged file; another one removes it, but none that may still be written.
func TestDirSweep(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	staging := filepath.Join(root, "sha256", "tmp")
	if err := os.MkdirAll(staging, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, age := range map[string]time.Duration{"dead": 25 * time.Hour, "alive": 23 * time.Hour} {
		path, written := filepath.Join(staging, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o644), os.Chtimes(path, written, written)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, artifact.NewDir(root), root, []byte("x"))
	left, err := os.ReadDir(staging)
	if err != nil || len(left) != 1 || left[0].Name() != "alive" {
		t.Errorf("staged files left: %v, %v, want only the one that may be in use", left, err)
	}
}

// A directory that was copied without its staging directory serves a process that has read from it.
func TestDirWithoutStaging(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	digest, _ := put(t, artifact.NewDir(root), root, []byte("x"))
	if err := os.Remove(filepath.Join(root, "sha256", "tmp")); err != nil {
		t.Fatal(err)
	}
	s := artifact.NewDir(root)
	if _, err := s.Stat(t.Context(), digest); err != nil {
		t.Fatal(err)
	}
	put(t, s, root, []byte("y"))
}

// Steps that share a claim may run as different users of the group that fsGroup names.
func TestDirSharedByGroup(t *testing.T) {
	t.Parallel()
	volume := t.TempDir()
	if err := os.Chmod(volume, 0o770|fs.ModeSetgid); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(volume, "sub")
	_, file := put(t, artifact.NewDir(root), root, []byte("x"))
	for dir := filepath.Dir(file); dir != volume; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode() != fs.ModeDir|fs.ModeSetgid|0o770 {
			t.Errorf("%s has mode %v, %v, want that of the volume", dir, info.Mode(), err)
		}
	}
}

func TestDirIsPrivateByDefault(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	if err := os.Chmod(parent, 0o777|fs.ModeSticky); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(parent, "store")
	put(t, artifact.NewDir(root), root, []byte("x"))
	info, err := os.Stat(root)
	if err != nil || info.Mode()&(fs.ModeSetgid|0o022) != 0 {
		t.Errorf("mode %v, %v, want none but the owner to write", info.Mode(), err)
	}
}

func TestDirCorruption(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	s := artifact.NewDir(root)
	b := bytes.Repeat([]byte("artifact"), 64<<10)
	digest, file := put(t, s, root, b)
	flipped := bytes.Clone(b)
	flipped[len(b)/2] ^= 1
	for name, bad := range map[string][]byte{
		"a flipped bit": flipped, "truncated": b[:len(b)-1], "empty": nil, "extended": append(bytes.Clone(b), 0),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, bad, 0o644); err != nil {
				t.Fatal(err)
			}
			wantCorrupt(t, s, digest, int64(len(b)))
		})
	}
}
