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
)

// makeMountPoints makes the folders to mount on that the machine does not have; undo removes them again.
func makeMountPoints(undo *cleanup) error {
	for _, dir := range privateDirs() {
		if err := claim(dir, os.Getpid(), undo); err != nil {
			return fmt.Errorf("making the mount point %s: %w", dir, err)
		}
	}
	return nil
}

// claim makes a folder where the machine has none. Several clusters may mount on it, and to remove it detaches what any of
// them has mounted there: so it has a file for each of them, beneath what they mount, and the last one removes it.
func claim(dir string, pid int, undo *cleanup) error {
	return exclusively(filepath.Dir(dir), func() error {
		made := os.Mkdir(dir, 0o755)
		if made != nil && !errors.Is(made, fs.ErrExist) {
			return made
		}
		claims, err := claimsOn(dir)
		if err != nil || made != nil && len(claims) == 0 {
			// It is the machine's own.
			return err
		}
		own := filepath.Join(dir, cgroupPrefix+strconv.Itoa(pid))
		undo.add(func() error { return release(dir, own) })
		return os.WriteFile(own, nil, 0o600)
	})
}

// release gives a claim back, and those of clusters that were killed. Without any, the folder goes.
func release(dir, own string) error {
	return exclusively(filepath.Dir(dir), func() error {
		claims, err := claimsOn(dir)
		if err != nil {
			return err
		}
		used := false
		for _, file := range claims {
			if file != own && running(claimant(file)) {
				used = true
				continue
			}
			if err := os.Remove(file); err != nil {
				return err
			}
		}
		if used {
			return nil
		}
		return os.Remove(dir)
	})
}

// claimant is the process whose claim a file is; 0 where it is none.
func claimant(file string) int {
	pid, _ := strconv.Atoi(strings.TrimPrefix(filepath.Base(file), cgroupPrefix))
	return pid
}

func claimsOn(dir string) ([]string, error) {
	return filepath.Glob(filepath.Join(dir, cgroupPrefix+"*"))
}

// exclusively does something while no other process does so for the same folder.
func exclusively(dir string, do func() error) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("locking %s: %w", dir, err)
	}
	return do()
}
