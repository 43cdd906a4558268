package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/org/k8sorch/internal/plan"
)

const (
	// keptRuns is how many runs of child processes are kept of each pipeline.
	keptRuns = 20
	// activeFor is how long a run is left alone whatever else there is: it may be under way.
	activeFor = 24 * time.Hour
)

// makeRunDir makes the directory in which the run's plan, records and artifacts are kept, and clears away the oldest
// runs of the same pipeline.
func (s *submission) makeRunDir() (string, error) {
	base, err := s.runsDir()
	if err != nil {
		return "", fmt.Errorf("finding a place for the run: %w; set Config.Dir (flag --dir)", err)
	}
	dir := filepath.Join(base, s.run)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the run's directory: %w; set Config.Dir (flag --dir) to a place where this user may write", err)
	}
	// Old runs that cannot be removed are in nobody's way.
	_ = removeOldRuns(base, runHead(s.design.name), time.Now())
	return dir, nil
}

func (s *submission) runsDir() (string, error) {
	if s.config.Dir != "" {
		return filepath.Abs(s.config.Dir)
	}
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "k8sorch", "runs"), err
}

// removeOldRuns keeps the last runs whose ids begin with head, and all that may be under way.
func removeOldRuns(base, head string, now time.Time) error {
	runs, err := runDirs(base, head)
	if err != nil {
		return err
	}
	for _, e := range runs[:max(0, len(runs)-keptRuns)] {
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) < activeFor {
			continue
		}
		if err := os.RemoveAll(filepath.Join(base, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// runDirs returns the directories of the runs whose ids begin with head, the oldest first.
func runDirs(base, head string) (runs []os.DirEntry, err error) {
	entries, err := os.ReadDir(base) // in order of name, which is that of time
	id := regexp.MustCompile(`^` + regexp.QuoteMeta(head) + `-\d{6}-\d{6}-[a-z0-9]{5}$`)
	for _, e := range entries {
		if e.IsDir() && id.MatchString(e.Name()) {
			runs = append(runs, e)
		}
	}
	return runs, err
}

// listDirs returns the pipeline's runs of child processes, the newest first. One that cannot be read is among them, with why.
func (s *submission) listDirs(ctx context.Context) ([]RunInfo, error) {
	base, err := s.runsDir()
	if err != nil {
		return nil, fmt.Errorf("finding their place: %w; set Config.Dir (flag --dir)", err)
	}
	dirs, err := runDirs(base, runHead(s.design.name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	runs := make([]RunInfo, 0, len(dirs))
	for _, dir := range dirs {
		one := s.existing(s.design, s.options, dir.Name())
		run, err := one.statusInDir(ctx)
		switch {
		case errors.Is(err, ErrNoRun): // it is just being made or deleted, or of a pipeline whose name begins alike
		case err != nil:
			runs = append(runs, RunInfo{
				ID: one.run, Pipeline: s.design.name, State: RunUnreadable, Submitted: timeOfID(one.run), Message: firstLine(err.Error()),
			})
		default:
			runs = append(runs, RunInfo{
				ID: run.ID, Pipeline: run.Pipeline, State: run.State, Outcome: run.Outcome, Message: run.Message,
				Submitted: run.Submitted, Finished: run.Finished,
			})
		}
	}
	slices.SortFunc(runs, func(a, b RunInfo) int { // their ids tell no more than the second
		return cmp.Or(b.Submitted.Compare(a.Submitted), cmp.Compare(b.ID, a.ID))
	})
	return runs, nil
}

// timeOfID is the second in which the run of an id was submitted, as [newRunID] has put it there.
func timeOfID(id string) time.Time {
	rest := strings.Split(id, "-")
	at, _ := time.Parse(idTime, strings.Join(rest[max(0, len(rest)-3):len(rest)-1], "-")) // runDirs has seen that it is one
	return at
}

func (s *submission) statusInDir(ctx context.Context) (*Run, error) {
	r, err := s.openDir()
	if err != nil {
		return nil, err
	}
	return r.status(ctx)
}

// earlierRuns returns the directories of the last runs before the one in dir, when steps of it are cached.
func (s *submission) earlierRuns(p *plan.Plan, dir string) (earlier []string) {
	if p.Cache == nil {
		return nil
	}
	base := filepath.Dir(dir)
	// Without them, the steps are run.
	runs, _ := runDirs(base, runHead(s.design.name))
	for _, run := range runs[max(0, len(runs)-keptRuns):] {
		if run.Name() != s.run {
			earlier = append(earlier, filepath.Join(base, run.Name()))
		}
	}
	return earlier
}
