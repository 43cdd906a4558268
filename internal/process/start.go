package process

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"

	"github.com/org/k8sorch/internal/engine"
)

// Start implements [engine.Cluster].
func (c *Cluster) Start(ctx context.Context, step string, attempt int) error {
	recalled, err := c.recall(ctx, step, attempt)
	if err == nil && !recalled {
		err = c.start(key{step, attempt})
	}
	if err != nil {
		return fmt.Errorf("starting attempt %d of step %q: %w", attempt, step, err)
	}
	return nil
}

func (c *Cluster) start(k key) error {
	if indexSighting(c.View(k.step), k.attempt) >= 0 {
		return nil
	}
	id := identity{UID: rand.Text(), Started: time.Now()}
	dir := newAttemptDir(c.config.Dir, k.step, k.attempt)
	lock, claimed, err := dir.claim(id)
	if err != nil {
		return err
	}
	if !claimed {
		return c.adopt(k.step, k.attempt)
	}
	ch := &child{key: k, identity: id, dir: dir, lock: lock, miss: c.miss(k.step), removed: make(chan struct{})}
	if err := c.run(ch); err != nil {
		_ = dir.remove()
		release(lock)
		return refuse(err)
	}
	return nil
}

var errNotWatched = errors.New("the run is not being watched, or no longer")

// run starts a child and leaves it to a task of its own.
func (c *Cluster) run(ch *child) error {
	started := make(chan error, 1)
	begun := c.begin(func(over <-chan struct{}) {
		err := ch.start(c.config)
		if err == nil {
			c.show(ch)
		}
		started <- err
		if err == nil {
			c.supervise(ch, over)
		}
	})
	if !begun {
		return errNotWatched
	}
	return <-started
}

// show makes a child that has started known.
func (c *Cluster) show(ch *child) {
	c.mu.Lock()
	c.children[ch.key] = ch
	c.mu.Unlock()
	c.view.change(ch.step, func(o *engine.Observation) { putSighting(o, ch.sighting(engine.Running)) })
}

// refuse turns what will not be better the next time into an answer. Others, such as a lack of memory or processes, may
// pass.
func refuse(err error) error {
	for _, final := range []error{fs.ErrNotExist, fs.ErrPermission, syscall.ENOEXEC} {
		if exec, ok := errors.AsType[*execError](err); ok && errors.Is(err, final) {
			return &engine.Refusal{Permanent: true, Reason: "CannotExecute", Message: exec.Error()}
		}
	}
	return err
}

// execError says that the binary could not be executed.
type execError struct{ err error }

// Error implements error.
func (e *execError) Error() string { return fmt.Sprintf("executing the pipeline's binary: %v", e.err) }

// Unwrap returns what the operating system said.
func (e *execError) Unwrap() error { return e.err }

// Remove implements [engine.Cluster]. An attempt that another process watches is not taken from it.
func (c *Cluster) Remove(_ context.Context, step string, attempt int, uid string) error {
	if err := c.remove(key{step, attempt}, uid); err != nil {
		return fmt.Errorf("removing attempt %d of step %q: %w", attempt, step, err)
	}
	return nil
}

// ForceRemove implements [engine.Cluster]. There is nothing that Remove does not do: a child that does not end in its grace
// is killed, and one that was killed is waited for.
func (c *Cluster) ForceRemove(ctx context.Context, step string, attempt int, uid string) error {
	return c.Remove(ctx, step, attempt, uid)
}

func (c *Cluster) remove(k key, uid string) error {
	if c.removeChild(k, uid) {
		c.view.change(k.step, func(o *engine.Observation) {
			if i := indexSighting(*o, k.attempt); i >= 0 {
				o.Sightings[i].Deleting = true
			}
		})
		return nil
	}
	dir := newAttemptDir(c.config.Dir, k.step, k.attempt)
	id, err := dir.identity()
	if err != nil {
		return err
	}
	if id != nil && id.UID == uid {
		if held(dir.lock()) {
			return fmt.Errorf("it belongs to another process that is still running; end that first (the run is in %s)", c.config.Dir)
		}
		if err := dir.remove(); err != nil {
			return err
		}
	}
	return c.adopt(k.step, k.attempt)
}

// removeChild asks for the end of a child; it returns false if there is none of that name.
func (c *Cluster) removeChild(k key, uid string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := c.children[k]
	if ch == nil || ch.UID != uid {
		return false
	}
	if !ch.isRemoved() {
		close(ch.removed)
	}
	return true
}
