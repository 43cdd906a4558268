package process

import (
	"os"
	"path/filepath"
	"strconv"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// ReadPlan returns the plan of the run in dir; the error is [fs.ErrNotExist] where there is none.
func ReadPlan(dir string) (*plan.Plan, error) { return settlePlan(dir, nil) }

// ReadEnd returns the record of how the run in dir ended, nil if it has none.
func ReadEnd(dir string) (*record.RunEnd, error) {
	return readJSON[record.RunEnd](filepath.Join(dir, record.EndFile))
}

// Driven tells whether a process drives the run in dir, and the id of the process; 0 where that is not known.
func Driven(dir string) (pid int, driven bool) {
	path := filepath.Join(dir, driverLock)
	if !held(path) {
		return 0, false
	}
	// What cannot be read, or not yet, is not known.
	text, _ := os.ReadFile(path)
	pid, _ = strconv.Atoi(string(text))
	return pid, true
}

// Look takes one look at the run in dir, whose plan is p, and changes nothing there; the error is [fs.ErrNotExist] where the run is
// gone.
func Look(dir string, p *plan.Plan) (*Cluster, error) {
	c := newCluster(Config{Dir: dir, Plan: p, Logger: zap.NewNop()})
	if err := c.load(); err != nil {
		return nil, err
	}
	// Of a run that was deleted meanwhile, a part may have been read.
	_, err := os.Stat(filepath.Join(dir, plan.FileName))
	return c, err
}
