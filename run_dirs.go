package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
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
