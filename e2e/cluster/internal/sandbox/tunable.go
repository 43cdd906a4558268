package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// tunables are the kernel settings that a kubelet insists on, with the values it wants: setupKernelTunables in
// pkg/kubelet/cm/container_manager_linux.go of Kubernetes 1.37. They belong to the whole machine, not to a namespace.
func tunables() map[string]string {
	return map[string]string{
		"/proc/sys/kernel/keys/root_maxbytes": "25000000",
		"/proc/sys/kernel/keys/root_maxkeys":  "1000000",
		"/proc/sys/kernel/panic":              "10",
		"/proc/sys/kernel/panic_on_oops":      "1",
		"/proc/sys/vm/overcommit_memory":      "1",
		"/proc/sys/vm/panic_on_oom":           "0",
	}
}

// shieldTunables puts plain files with the wanted values in front of them, so that the kubelet is content and the
// machine stays as it was.
func shieldTunables() error {
	// A folder in memory that only this namespace sees, and that is empty so far.
	shadows := "/var/lib/kubelet/.tunables"
	if err := os.Mkdir(shadows, 0o700); err != nil {
		return err
	}
	for path, value := range tunables() {
		shadow := filepath.Join(shadows, filepath.Base(path))
		if err := os.WriteFile(shadow, []byte(value+"\n"), 0o600); err != nil {
			return err
		}
		if err := syscall.Mount(shadow, path, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("shielding %s: %w", path, err)
		}
	}
	return nil
}
