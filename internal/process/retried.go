package process

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// errLocked tells that somebody else has locked a file.
var errLocked = errors.New("it is locked")

// ErrDriven is returned for a run that a process drives.
var ErrDriven = errors.New("a process drives the run")

// driverLock is the name of the file that the process which drives a run has locked.
const driverLock = "driver.lock"

// Drive makes this process the one that drives the run in dir, until stop is called or the process ends. The error is
// [ErrDriven] where another one does.
func Drive(dir string) (stop func(), err error) {
	file, err := reacquire(filepath.Join(dir, driverLock))
	switch {
	case errors.Is(err, errLocked):
		return nil, ErrDriven
	case err != nil:
		return nil, fmt.Errorf("taking over the run in %s: %w", dir, err)
	}
	if err := sign(file); err != nil {
		release(file)
		return nil, fmt.Errorf("taking over the run in %s: %w", dir, err)
	}
	return func() { release(file) }, nil
}

// sign writes into the lock whose it is, for those who find it locked.
func sign(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err := lock.WriteString(strconv.Itoa(os.Getpid()))
	return err
}

// Retried is a run that nobody drives any more, as a retry finds it.
type Retried struct {
	Plan *plan.Plan
	// Results are the results of its steps and hooks, Attempts the numbers of their last attempts that are over.
	Results  map[string]record.Result
	Attempts map[string]int
}

// ReadRetried reads the run in dir; the error is [fs.ErrNotExist] where there is none.
func ReadRetried(dir string) (*Retried, error) {
	p, err := ReadPlan(dir)
	if err != nil {
		return nil, err
	}
	closed, err := readClosed(dir)
	if err != nil {
		return nil, err
	}
	r := &Retried{Plan: p, Results: map[string]record.Result{}, Attempts: map[string]int{}}
	for _, step := range p.Graph.Steps() {
		for _, a := range closed[step.Name] {
			r.Attempts[step.Name] = max(r.Attempts[step.Name], a.Attempt)
		}
		result, err := readResult(dir, step.Name)
		if err != nil {
			return nil, err
		}
		if result != nil {
			r.Results[step.Name] = *result
			r.Attempts[step.Name] = max(r.Attempts[step.Name], result.Attempt)
		}
	}
	return r, nil
}

// Renew gives the run in dir another plan, without the results of these steps and without the record of its end. The plan
// comes last: until it is there, the run is as it was for whoever retries it.
func Renew(dir string, p *plan.Plan, without []string) error {
	files := []string{record.EndFile}
	for _, step := range without {
		files = append(files, record.ResultFile(step))
	}
	for _, name := range files {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("making the run in %s ready: %w", dir, err)
		}
	}
	if err := replacePlan(dir, p); err != nil {
		return fmt.Errorf("replacing the plan of the run in %s: %w", dir, err)
	}
	return nil
}

func replacePlan(dir string, p *plan.Plan) error {
	encoded, err := p.Encode()
	if err != nil {
		return err
	}
	staged := filepath.Join(dir, temporary+rand.Text())
	defer os.Remove(staged)
	if err := writeSynced(staged, encoded); err != nil {
		return err
	}
	return os.Rename(staged, filepath.Join(dir, plan.FileName))
}
