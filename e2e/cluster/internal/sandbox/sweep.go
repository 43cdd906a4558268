package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

// sweep removes what clusters left whose Run was killed before it could. It fails when dir is in use.
func sweep(dir state.Dir) error {
	if err := sweepCgroups(); err != nil {
		return err
	}
	return sweepStates(dir)
}

// sweepStates removes state folders that nobody uses any more, those beside dir and dir itself.
func sweepStates(dir state.Dir) error {
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
		case !running(pid):
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
	if err != nil || running(pid) {
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

// running says whether the process is one of this program. A number alone could be another process's by now.
func running(pid int) bool {
	program, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "exe"))
	if err != nil {
		return false
	}
	self, err := os.Executable()
	// The kernel appends a note to the name of a program that has been replaced since.
	return err == nil && strings.HasPrefix(filepath.Base(program), filepath.Base(self))
}
