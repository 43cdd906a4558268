package process

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// temporary begins the names of files that are not complete, or no longer what they were.
const temporary = ".tmp-"

// makeOnce makes a file that appears with all of its content or not at all, unless there is one; it returns the content
// of the one that stands.
func makeOnce(path string, content []byte) ([]byte, error) {
	staged := filepath.Join(filepath.Dir(path), temporary+rand.Text())
	defer os.Remove(staged)
	if err := writeSynced(staged, content); err != nil {
		return nil, err
	}
	switch err := os.Link(staged, path); {
	case err == nil:
		return content, nil
	case errors.Is(err, fs.ErrExist):
		return os.ReadFile(path)
	default:
		return nil, fmt.Errorf("%w; the directory of a run must be on a file system that has hard links", err)
	}
}

// writeSynced makes a file whose content survives a power failure: a record must never turn out to be empty.
func writeSynced(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}
