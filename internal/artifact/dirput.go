package artifact

import (
	"context"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	// stagingDir, next to the artifacts so that a rename suffices, holds those that are not complete.
	stagingDir = hashDir + "/tmp"
	// stagingAge is how long a file in stagingDir must not have been written to before its writer is taken for dead. It
	// is far more than the clocks of a file server and its clients differ by.
	stagingAge = 24 * time.Hour
)

// Put implements [Store].
func (d *Dir) Put(ctx context.Context, digest Digest, size int64, content io.Reader) error {
	key, err := digest.Key()
	if err != nil {
		return err
	}
	if err := d.found(); err != nil {
		return unavailable(ctx, d, "putting", digest, err)
	}
	if d.holds(key, size) {
		return nil
	}
	source := NewSource(ctx, size, content)
	if err := d.store(key, size, source); err != nil {
		if source.Err() != nil {
			return source.Err()
		}
		return unavailable(ctx, d, "putting", digest, err)
	}
	return nil
}

// found makes the directories of the store, but does not make a store again that was there before: its directory is
// not mounted any more then, and what is put under it would be lost.
func (d *Dir) found() error {
	mkdir := makeDirs
	if d.founded.Load() {
		mkdir = makeDir
	}
	if err := mkdir(d.file(stagingDir)); err != nil {
		return err
	}
	d.founded.Store(true)
	d.swept.Do(d.sweep)
	return nil
}

// sweep removes what killed processes left behind. Whatever hinders it does not matter: the next process tries again.
func (d *Dir) sweep() {
	entries, _ := os.ReadDir(d.file(stagingDir))
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > stagingAge {
			_ = os.Remove(filepath.Join(d.file(stagingDir), entry.Name()))
		}
	}
}

func (d *Dir) holds(key string, size int64) bool {
	info, err := os.Stat(d.file(key))
	return err == nil && info.Mode().IsRegular() && info.Size() == size
}

// store writes the artifact under a name of its own and then gives it its key.
func (d *Dir) store(key string, size int64, content io.Reader) error {
	staged := filepath.Join(d.file(stagingDir), rand.Text())
	defer os.Remove(staged) // fails once it has been renamed
	if err := writeFile(staged, content); err != nil {
		return err
	}
	shard := filepath.Dir(d.file(key))
	if err := makeDir(shard); err != nil {
		return err
	}
	if d.holds(key, size) { // another writer was faster; replacing its file would disturb readers over NFS
		return nil
	}
	if err := os.Rename(staged, d.file(key)); err != nil {
		return err
	}
	syncDir(shard)
	return nil
}

// writeFile makes a new file whose bytes survive a power failure.
func writeFile(path string, content io.Reader) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := io.Copy(file, content); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}

// syncDir makes the names in a directory survive a power failure, on the file systems that offer it.
func syncDir(path string) {
	if dir, err := os.Open(path); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}
