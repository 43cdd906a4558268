package process

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// attemptDir is the directory of an attempt. While it is there, the attempt exists.
type attemptDir string

const attemptsDir = "attempts"

func newAttemptDir(run, step string, attempt int) attemptDir {
	return attemptDir(filepath.Join(run, attemptsDir, step+"."+strconv.Itoa(attempt)))
}

// parseAttemptDir takes the name of an attempt's directory apart.
func parseAttemptDir(name string) (step string, attempt int, ok bool) {
	step, digits, _ := strings.Cut(name, ".")
	attempt, err := strconv.Atoi(digits)
	return step, attempt, err == nil && step != ""
}

// identity is what an attempt is born with.
type identity struct {
	UID     string    `json:"uid"`
	Started time.Time `json:"started"`
}

func (d attemptDir) file(name string) string { return filepath.Join(string(d), name) }

// report is the file that takes the child's report.
func (d attemptDir) report() string { return d.file("report") }

// verdict is the file that keeps how the attempt ended, as found out by whoever watched it.
func (d attemptDir) verdict() string { return d.file("verdict") }

// lock is the file that is locked until the child has ended and its verdict is written. The child and the process that
// watches it hold the lock together: it goes free when the last of them is gone.
func (d attemptDir) lock() string { return d.file("lock") }

func (d attemptDir) identity() (*identity, error) { return readJSON[identity](d.file("identity.json")) }

// claim makes the directory, with its lock held, all at once. It returns false if the attempt exists already.
func (d attemptDir) claim(id identity) (lock *os.File, claimed bool, err error) {
	staged := attemptDir(filepath.Join(filepath.Dir(string(d)), temporary+rand.Text()))
	defer os.RemoveAll(string(staged))
	if err := os.Mkdir(string(staged), 0o755); err != nil { // whose parent is gone when the run is
		return nil, false, err
	}
	encoded, err := json.Marshal(id)
	if err != nil {
		return nil, false, err
	}
	if err := os.WriteFile(staged.file("identity.json"), encoded, 0o644); err != nil {
		return nil, false, err
	}
	if lock, err = acquire(staged.lock()); err != nil {
		return nil, false, err
	}
	if err := os.Rename(string(staged), string(d)); err != nil {
		release(lock)
		if _, missing := os.Stat(string(d)); missing == nil {
			return nil, false, nil
		}
		return nil, false, err
	}
	return lock, true, nil
}

// remove takes the directory away, all at once.
func (d attemptDir) remove() error {
	gone := filepath.Join(filepath.Dir(string(d)), temporary+rand.Text())
	if err := os.Rename(string(d), gone); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(gone)
}
