package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// hashDir holds everything in a [Dir]. It is made by the first Put, so a directory without it is not a store that lacks
// an artifact but one that is not mounted.
const hashDir = "sha256"

// Dir is a [Store] in a directory, which any number of processes may share, over a network file system too. Artifacts
// are complete, and safe from a power failure, before they get their name.
type Dir struct {
	path    string
	name    string
	founded atomic.Bool // hashDir has been seen: if it is gone later, the directory is no longer mounted
	swept   sync.Once
}

// NewDir returns the store in the directory at path, which the first Put makes if need be.
func NewDir(path string) *Dir {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return &Dir{path: path, name: Location{Scheme: SchemeFile, Path: filepath.ToSlash(path)}.String()}
}

// String names the store by its URL.
func (d *Dir) String() string { return d.name }

// Get implements [Store].
func (d *Dir) Get(ctx context.Context, digest Digest) (io.ReadCloser, error) {
	key, err := digest.Key()
	if err != nil {
		return nil, err
	}
	file, err := os.Open(d.file(key))
	if err != nil {
		return nil, d.explain(ctx, "getting", digest, err)
	}
	d.founded.Store(true)
	return file, nil
}

// Stat implements [Store].
func (d *Dir) Stat(ctx context.Context, digest Digest) (int64, error) {
	key, err := digest.Key()
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(d.file(key))
	if err != nil {
		return 0, d.explain(ctx, "checking", digest, err)
	}
	d.founded.Store(true)
	return info.Size(), nil
}

func (d *Dir) file(key string) string { return filepath.Join(d.path, filepath.FromSlash(key)) }

// explain tells an artifact that is not there from a store that is not there.
func (d *Dir) explain(ctx context.Context, op string, digest Digest, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return unavailable(ctx, d, op, digest, err)
	}
	if _, err := os.Stat(d.file(hashDir)); err != nil {
		return unavailable(ctx, d, op, digest, fmt.Errorf("it is not mounted or was never written to: %w", err))
	}
	return notFound(d.name, digest)
}
