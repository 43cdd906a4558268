package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	cgroupMount = "/sys/fs/cgroup"
	// cgroupPrefix begins the name of every cluster's cgroup; the process id of its Run follows.
	cgroupPrefix = "k8sorch-e2e-"
)

// hierarchies lists the roots of the machine's cgroup hierarchies: one for version 2, one a controller for version 1.
func hierarchies() ([]string, error) {
	if _, err := os.Stat(filepath.Join(cgroupMount, "cgroup.controllers")); err == nil {
		return []string{cgroupMount}, nil
	}
	files, err := filepath.Glob(filepath.Join(cgroupMount, "*", "cgroup.procs"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("finding cgroups below %s: none mounted", cgroupMount)
	}
	for i, file := range files {
		files[i] = filepath.Dir(file)
	}
	return files, nil
}

// makeCgroup makes the cgroup in every hierarchy, which is what a kubelet expects of its root.
func makeCgroup(name string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		cgroup := filepath.Join(root, name)
		delegateControllers(filepath.Dir(cgroup))
		if err := os.Mkdir(cgroup, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("making a cgroup: %w", err)
		}
	}
	return nil
}

// delegateControllers hands a version 2 cgroup's controllers on to its children. One that cannot be handed on the kubelet
// will name in its log, if it needs it.
func delegateControllers(parent string) {
	available, err := os.ReadFile(filepath.Join(parent, "cgroup.controllers"))
	if err != nil {
		return
	}
	for controller := range strings.FieldsSeq(string(available)) {
		_ = os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+"+controller), 0)
	}
}

// removeCgroup removes the cgroup and those below it, once the kernel has let go of their last processes.
func removeCgroup(name string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		var last error
		err := wait.PollUntilContextTimeout(context.Background(), 50*time.Millisecond, 10*time.Second, true,
			func(context.Context) (bool, error) {
				last = removeTree(filepath.Join(root, name))
				return last == nil, nil
			})
		if err != nil {
			return fmt.Errorf("removing a cgroup: %w", last)
		}
	}
	return nil
}

// removeTree removes folders from the deepest up. The files of a cgroup go with its folder and cannot be removed.
func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := removeTree(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return os.Remove(dir)
}
