package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// privateDirs are places outside the state folder that CNI, containerd and the kubelet write to, with no setting to
// move them. Inside the sandbox each is an empty file system in memory.
func privateDirs() []string {
	return []string{"/run/containerd", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers"}
}

// makeMountPoints makes the folders to mount on that the machine does not have; undo removes them again.
func makeMountPoints(undo *cleanup) error {
	for _, dir := range privateDirs() {
		if err := makeDir(dir, undo); err != nil {
			return fmt.Errorf("making the mount point %s: %w", dir, err)
		}
	}
	return nil
}

func makeDir(dir string, undo *cleanup) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeDir(filepath.Dir(dir), undo); err != nil {
		return err
	}
	undo.add(func() error { return os.Remove(dir) })
	return os.Mkdir(dir, 0o755)
}

// setUpMounts detaches the mount namespace from the host's and makes it the sandbox's own.
func setUpMounts() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("detaching from the host's mounts: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mounting /proc: %w", err)
	}
	for _, dir := range privateDirs() {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755"); err != nil {
			return fmt.Errorf("mounting %s: %w", dir, err)
		}
	}
	return shieldTunables()
}
