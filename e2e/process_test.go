package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// process is the folder of a process of this machine.
type process string

// read returns what a file in it says, and nothing where the process has ended or is none of our business.
func (p process) read(name string) []byte {
	text, _ := os.ReadFile(filepath.Join(string(p), name))
	return text
}

// processes returns the ids of the processes that fit.
func processes(t *testing.T, fits func(process) bool) []int {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, folder := range folders {
		if !fits(process(folder)) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, pid)
	}
	return found
}

// firstOf returns the first of them; 0 where there is none.
func firstOf(pids []int) int {
	if len(pids) == 0 {
		return 0
	}
	return pids[0]
}
