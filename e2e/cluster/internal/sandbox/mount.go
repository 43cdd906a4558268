package sandbox

import (
	"fmt"
	"syscall"
)

// privateDirs are places outside the state folder that CNI, containerd and the kubelet write to, with no setting to
// move them. Inside the sandbox each is an empty file system in memory.
func privateDirs() []string {
	return []string{"/run/containerd", "/var/lib/cni", "/var/lib/kubelet", "/var/log/containers"}
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
