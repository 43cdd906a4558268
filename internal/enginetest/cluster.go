package enginetest

import (
	"context"
	"fmt"
	"sync"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// Cluster is an [engine.Cluster] on a [Run]. Its view never lags.
type Cluster struct {
	run *Run

	mu     sync.Mutex
	before func(engine.Command) error
	hidden map[string]bool
}

var _ engine.Cluster = (*Cluster)(nil)

// Cluster returns another cluster on the run, as another orchestrator would have.
func (r *Run) Cluster() *Cluster { return &Cluster{run: r, hidden: map[string]bool{}} }

// Before makes every call ask f first, which may block it, or answer it with an error: an [*engine.Refusal] of a start,
// for one. F is called by several goroutines at once.
func (c *Cluster) Before(f func(engine.Command) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before = f
}

// Hide takes the step's attempts out of this cluster's view, until Show; its records stay.
func (c *Cluster) Hide(step string) { c.hide(step, true) }

// Show ends Hide.
func (c *Cluster) Show(step string) { c.hide(step, false) }

func (c *Cluster) hide(step string, hidden bool) {
	c.mu.Lock()
	c.hidden[step] = hidden
	c.mu.Unlock()
	c.run.tell(step)
}

func (c *Cluster) ask(ctx context.Context, call engine.Command) error {
	c.mu.Lock()
	before := c.before
	c.mu.Unlock()
	if before != nil {
		if err := before(call); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Watch implements [engine.Cluster].
func (c *Cluster) Watch(ctx context.Context, changed func(step string)) error {
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	if c.run.deleted {
		return fmt.Errorf("watching run %s: it is gone", c.run.id)
	}
	c.run.changed[c] = changed
	context.AfterFunc(ctx, func() {
		c.run.mu.Lock()
		defer c.run.mu.Unlock()
		delete(c.run.changed, c)
	})
	return nil
}

// View implements [engine.Cluster].
func (c *Cluster) View(step string) engine.Observation {
	o := c.run.observe(step)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hidden[step] {
		o.Sightings = nil
	}
	return o
}

// Start implements [engine.Cluster].
func (c *Cluster) Start(ctx context.Context, step string, attempt int) error {
	if err := c.ask(ctx, engine.Command{Do: engine.Start, Step: step, Attempt: attempt}); err != nil {
		return err
	}
	if err := c.run.start(key{step, attempt}); err != nil {
		return err
	}
	c.run.tell(step)
	return nil
}

// Remove implements [engine.Cluster].
func (c *Cluster) Remove(ctx context.Context, step string, attempt int, uid string) error {
	if err := c.ask(ctx, engine.Command{Do: engine.Remove, Step: step, Attempt: attempt, UID: uid}); err != nil {
		return err
	}
	c.run.remove(key{step, attempt}, uid)
	return nil
}

// ForceRemove implements [engine.Cluster].
func (c *Cluster) ForceRemove(ctx context.Context, step string, attempt int, uid string) error {
	if err := c.ask(ctx, engine.Command{Do: engine.ForceRemove, Step: step, Attempt: attempt, UID: uid}); err != nil {
		return err
	}
	c.run.forceRemove(key{step, attempt}, uid)
	return nil
}

// Commit implements [engine.Cluster].
func (c *Cluster) Commit(ctx context.Context, result record.Result, value []byte) (record.Result, error) {
	call := engine.Command{Do: engine.Commit, Step: result.Step, Attempt: result.Attempt, Result: result, Value: value}
	if err := c.ask(ctx, call); err != nil {
		return record.Result{}, err
	}
	return c.run.Commit(ctx, result, value)
}

// Close implements [engine.Cluster].
func (c *Cluster) Close(ctx context.Context, closing record.Attempt) error {
	call := engine.Command{Do: engine.Close, Step: closing.Step, Attempt: closing.Attempt, UID: closing.UID, Closing: closing}
	if err := c.ask(ctx, call); err != nil {
		return err
	}
	c.run.close(closing)
	return nil
}

// Confirm implements [engine.Cluster]. It sees what is hidden.
func (c *Cluster) Confirm(ctx context.Context, step string, attempt int) (engine.Confirmation, error) {
	if err := c.ask(ctx, engine.Command{Do: engine.Confirm, Step: step, Attempt: attempt}); err != nil {
		return engine.Confirmation{}, err
	}
	o := c.run.observe(step)
	truth := engine.Confirmation{Result: o.Result}
	for i, s := range o.Sightings {
		if s.Attempt == attempt {
			truth.Sighting = &o.Sightings[i]
		}
	}
	for i, a := range o.Closed {
		if a.Attempt == attempt {
			truth.Closed = &o.Closed[i]
		}
	}
	c.run.mu.Lock()
	defer c.run.mu.Unlock()
	truth.RunGone = c.run.deleted
	return truth, nil
}
