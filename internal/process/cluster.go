package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// Cluster is an [engine.Cluster] whose attempts are children of this process.
//
// Attempts live no longer than the context given to Watch, after whose end Wait is to be called. Several clusters, in
// several processes even, may watch one run: each sees the attempts of the others, and none starts one again.
type Cluster struct {
	config    Config
	committer *Committer
	view      view

	mu       sync.Mutex // guards what follows
	children map[key]*child
	followed map[key]bool
	misses   map[string]string // why cached steps are run
	watched  bool
	over     <-chan struct{} // closed when Watch's context has ended
	waited   bool
	tasks    sync.WaitGroup
}

var _ engine.Cluster = (*Cluster)(nil)

type key struct {
	step    string
	attempt int
}

func newCluster(c Config) *Cluster {
	return &Cluster{config: c, committer: NewCommitter(c.Dir, c.Store), children: map[key]*child{}, followed: map[key]bool{}, misses: map[string]string{}}
}

// Watch implements [engine.Cluster]. It may be called once.
func (c *Cluster) Watch(ctx context.Context, changed func(step string)) error {
	c.mu.Lock()
	if c.watched {
		c.mu.Unlock()
		return errors.New("watching the run a second time")
	}
	c.watched, c.over = true, ctx.Done()
	c.mu.Unlock()
	c.view.watch(changed)
	return c.load()
}

// load fills the view with what is in the run's directory.
func (c *Cluster) load() (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("reading the run in %s: %w", c.config.Dir, err)
		}
	}()
	closed, err := readClosed(c.config.Dir)
	if err != nil {
		return err
	}
	for _, step := range c.config.Plan.Graph.Steps() {
		result, err := readResult(c.config.Dir, step.Name)
		if err != nil {
			return err
		}
		c.view.change(step.Name, func(o *engine.Observation) { o.Result, o.Closed = result, closed[step.Name] })
	}
	return c.loadAttempts()
}

func (c *Cluster) loadAttempts() error {
	entries, err := os.ReadDir(filepath.Join(c.config.Dir, attemptsDir))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if step, attempt, ok := parseAttemptDir(entry.Name()); ok {
			if err := c.adopt(step, attempt); err != nil {
				return err
			}
		}
	}
	return nil
}

// View implements [engine.Cluster].
func (c *Cluster) View(step string) engine.Observation { return c.view.get(step) }

// Commit implements [engine.Cluster].
func (c *Cluster) Commit(ctx context.Context, result record.Result, value []byte) (record.Result, error) {
	standing, err := c.committer.Commit(ctx, result, value)
	if err != nil {
		return record.Result{}, err
	}
	c.view.change(result.Step, func(o *engine.Observation) { o.Result = &standing })
	return standing, nil
}

// Close implements [engine.Cluster].
func (c *Cluster) Close(_ context.Context, closing record.Attempt) error {
	closing.Run = c.config.Plan.Run
	standing, err := makeRecord(filepath.Join(c.config.Dir, record.AttemptFile(closing.Step, closing.Attempt)), closing)
	if err != nil {
		return fmt.Errorf("recording the end of attempt %d of step %q: %w", closing.Attempt, closing.Step, err)
	}
	c.view.change(closing.Step, func(o *engine.Observation) { putClosed(o, standing) })
	return nil
}

// Confirm implements [engine.Cluster]. The run is gone when its plan is.
func (c *Cluster) Confirm(_ context.Context, step string, attempt int) (engine.Confirmation, error) {
	_, err := os.Stat(filepath.Join(c.config.Dir, plan.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return engine.Confirmation{RunGone: true}, nil
	}
	if err != nil {
		return engine.Confirmation{}, err
	}
	if err := c.reload(step, attempt); err != nil {
		return engine.Confirmation{}, fmt.Errorf("confirming attempt %d of step %q: %w", attempt, step, err)
	}
	seen := c.View(step)
	closed, err := ReadAttempt(c.config.Dir, step, attempt)
	if err != nil {
		return engine.Confirmation{}, fmt.Errorf("confirming attempt %d of step %q: %w", attempt, step, err)
	}
	truth := engine.Confirmation{Result: seen.Result, Closed: closed}
	if i := indexSighting(seen, attempt); i >= 0 {
		truth.Sighting = &seen.Sightings[i]
	}
	return truth, nil
}

// reload reads what others may have changed about a step and one of its attempts.
func (c *Cluster) reload(step string, attempt int) error {
	result, err := readResult(c.config.Dir, step)
	if err != nil {
		return err
	}
	if result != nil {
		c.view.change(step, func(o *engine.Observation) { o.Result = result })
	}
	if c.child(step, attempt) != nil {
		return nil
	}
	return c.adopt(step, attempt)
}

// Wait returns once no attempt of this cluster is left, which Watch's context brings about by its end. Nothing can be
// started afterwards.
func (c *Cluster) Wait() {
	c.mu.Lock()
	c.waited = true
	c.mu.Unlock()
	c.tasks.Wait()
}

// begin runs a task that Wait waits for. It returns false if the watch has not begun or is over.
func (c *Cluster) begin(task func(over <-chan struct{})) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.watched || c.waited {
		return false
	}
	select {
	case <-c.over:
		return false
	default:
	}
	over := c.over
	c.tasks.Go(func() { task(over) })
	return true
}

func (c *Cluster) child(step string, attempt int) *child {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.children[key{step, attempt}]
}
