package artifact

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// makeDirs makes the directory at path and those above it.
func makeDirs(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeDirs(filepath.Dir(path)); err != nil {
		return err
	}
	return makeDir(path)
}

// makeDir makes the directory at path unless it is there. In a volume with an fsGroup the kubelet makes directories
// writable for the group and set-group-ID (SetVolumeOwnership in kubernetes/pkg/volume); new ones follow suit, because
// the steps that share the claim may run as different users and the usual umask would lock all but the first out.
func makeDir(path string) error {
	if err := os.Mkdir(path, 0o777); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		return err
	}
	parent, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return err
	}
	const groupWrite = 0o020
	if parent.Mode()&fs.ModeSetgid == 0 || parent.Mode().Perm()&groupWrite == 0 {
		return nil
	}
	return os.Chmod(path, parent.Mode().Perm()|fs.ModeSetgid)
}
