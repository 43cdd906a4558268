package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// fakeCluster runs attempts that do nothing for a while and then succeed.
type fakeCluster struct {
	// work is how long an attempt runs, delay how long each call takes, lag how late changes are told.
	work, delay, lag time.Duration
	// fail is asked before a call takes effect, with its name, as in "start s0/1", and how often it was made before.
	fail func(call string, before int) error
	// lose is asked after a call took effect: an error loses its answer.
	lose func(call string, before int) error
	// gone tells that the run is deleted.
	gone bool

	mu           sync.Mutex
	watching     context.Context
	seen         map[string]engine.Observation
	changed      func(step string)
	calls        []madeCall
	active, most int
}

type madeCall struct {
	name string
	at   time.Time
}

func (c *fakeCluster) Watch(ctx context.Context, changed func(step string)) error {
	if c.fail != nil {
		if err := c.fail("watch", 0); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen, c.changed, c.watching = map[string]engine.Observation{}, changed, ctx
	return nil
}

func (c *fakeCluster) View(step string) engine.Observation {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.seen[step]
	o.Sightings, o.Closed = slices.Clone(o.Sightings), slices.Clone(o.Closed)
	return o
}

// edit changes what there is of a step, and tells of it.
func (c *fakeCluster) edit(step string, change func(*engine.Observation)) {
	c.mu.Lock()
	o := c.seen[step]
	o.Sightings, o.Closed = slices.Clone(o.Sightings), slices.Clone(o.Closed)
	change(&o)
	c.seen[step] = o
	c.mu.Unlock()
	time.AfterFunc(c.lag, func() { c.changed(step) })
}

// loseNode leaves an attempt on its way out, and lets it do nothing more.
func (c *fakeCluster) loseNode(step string, attempt int) {
	c.edit(step, func(o *engine.Observation) {
		for i := range o.Sightings {
			if o.Sightings[i].Attempt == attempt {
				o.Sightings[i].Deleting, o.Sightings[i].Grace = true, grace
			}
		}
	})
}

// call makes a call: it takes its time, may fail, takes effect, and may lose its answer.
func (c *fakeCluster) call(ctx context.Context, do engine.Action, step string, attempt int, effect func()) error {
	name := fmt.Sprintf("%s %s/%d", do, step, attempt)
	c.mu.Lock()
	before := len(c.times(name))
	c.calls = append(c.calls, madeCall{name, time.Now()})
	c.active++
	c.most = max(c.most, c.active)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.active--
		c.mu.Unlock()
	}()
	select {
	case <-time.After(c.delay):
	case <-ctx.Done():
		return ctx.Err()
	}
	if c.fail != nil {
		if err := c.fail(name, before); err != nil {
			return err
		}
	}
	effect()
	if c.lose != nil {
		return c.lose(name, before)
	}
	return nil
}

// times returns when a call was made. The caller holds the lock, or nothing runs any more.
func (c *fakeCluster) times(name string) []time.Time {
	var times []time.Time
	for _, made := range c.calls {
		if made.name == name {
			times = append(times, made.at)
		}
	}
	return times
}

func (c *fakeCluster) Start(ctx context.Context, step string, attempt int) error {
	return c.call(ctx, engine.Start, step, attempt, func() {
		if i := indexOf(c.View(step), attempt); i >= 0 {
			return
		}
		c.edit(step, func(o *engine.Observation) { o.Sightings = append(o.Sightings, running(attempt)) })
		time.AfterFunc(c.work, func() {
			c.edit(step, func(o *engine.Observation) {
				if indexOf(*o, attempt) >= 0 && o.Result == nil {
					o.Result = result(step, attempt)
				}
			})
		})
	})
}

func indexOf(o engine.Observation, attempt int) int {
	return slices.IndexFunc(o.Sightings, func(sg engine.Sighting) bool { return sg.Attempt == attempt })
}

func (c *fakeCluster) Remove(ctx context.Context, step string, attempt int, _ string) error {
	return c.remove(ctx, engine.Remove, step, attempt)
}

func (c *fakeCluster) ForceRemove(ctx context.Context, step string, attempt int, _ string) error {
	return c.remove(ctx, engine.ForceRemove, step, attempt)
}

func (c *fakeCluster) remove(ctx context.Context, how engine.Action, step string, attempt int) error {
	return c.call(ctx, how, step, attempt, func() {
		c.edit(step, func(o *engine.Observation) {
			o.Sightings = slices.DeleteFunc(o.Sightings, func(sg engine.Sighting) bool { return sg.Attempt == attempt })
		})
	})
}

func (c *fakeCluster) Commit(ctx context.Context, r record.Result, _ []byte) (record.Result, error) {
	err := c.call(ctx, engine.Commit, r.Step, r.Attempt, func() {
		c.edit(r.Step, func(o *engine.Observation) { o.Result = &r })
	})
	return r, err
}

func (c *fakeCluster) Close(ctx context.Context, closing record.Attempt) error {
	return c.call(ctx, engine.Close, closing.Step, closing.Attempt, func() {
		c.edit(closing.Step, func(o *engine.Observation) { o.Closed = append(o.Closed, closing) })
	})
}

func (c *fakeCluster) Confirm(ctx context.Context, step string, attempt int) (truth engine.Confirmation, err error) {
	err = c.call(ctx, engine.Confirm, step, attempt, func() {
		o := c.View(step)
		truth = engine.Confirmation{RunGone: c.gone, Result: o.Result}
		if i := indexOf(o, attempt); i >= 0 {
			truth.Sighting = &o.Sightings[i]
		}
		if i := slices.IndexFunc(o.Closed, func(a record.Attempt) bool { return a.Attempt == attempt }); i >= 0 {
			truth.Closed = &o.Closed[i]
		}
	})
	return truth, err
}
