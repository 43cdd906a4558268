package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

// sweep removes what clusters left whose Run was killed before it could: their cgroups and state folders, those beside
// dir and dir itself. It fails when dir is in use.
func sweep(dir state.Dir) error {
	if err := sweepCgroups(); err != nil {
		return err
	}
	siblings, err := filepath.Glob(filepath.Join(filepath.Dir(string(dir)), statePrefix+"*"))
	if err != nil {
		return err
	}
	for _, sibling := range append(siblings, string(dir)) {
		pid, err := readPID(state.Dir(sibling))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return err
		case !alive(pid):
			err = os.RemoveAll(sibling)
		case sibling == string(dir):
			err = fmt.Errorf("a cluster is up in %s already; signal process %d to stop it", dir, pid)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func sweepCgroups() error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		cgroups, err := filepath.Glob(filepath.Join(root, cgroupPrefix+"*"))
		if err != nil {
			return err
		}
		for _, cgroup := range cgroups {
			if err := sweepCgroup(cgroup); err != nil {
				return fmt.Errorf("removing a cgroup that an earlier cluster left: %w", err)
			}
		}
	}
	return nil
}

func sweepCgroup(cgroup string) error {
	pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(cgroup), cgroupPrefix))
	if err != nil || alive(pid) {
		return nil
	}
	return removeTree(cgroup)
}

func readPID(dir state.Dir) (int, error) {
	text, err := os.ReadFile(dir.PIDFile())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func alive(pid int) bool { return syscall.Kill(pid, 0) != syscall.ESRCH }
