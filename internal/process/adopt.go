package process

import (
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// adopt makes known what the run's directory says of an attempt that is no child of this process.
func (c *Cluster) adopt(step string, attempt int) error {
	k := key{step, attempt}
	sighting, err := c.sight(k)
	if err != nil {
		return err
	}
	c.view.change(step, func(o *engine.Observation) {
		if sighting == nil {
			dropSighting(o, attempt)
			return
		}
		putSighting(o, *sighting)
	})
	if sighting != nil && sighting.Phase == engine.Running {
		c.follow(k)
	}
	return nil
}

// sight reads an attempt from the run's directory; it returns nil if there is none.
func (c *Cluster) sight(k key) (*engine.Sighting, error) {
	dir := newAttemptDir(c.config.Dir, k.step, k.attempt)
	running := held(dir.lock()) // before looking for the verdict, which is written before the lock goes free
	id, err := dir.identity()
	if id == nil {
		return nil, err
	}
	s := engine.Sighting{Attempt: k.attempt, UID: id.UID, Started: id.Started, Phase: engine.Ended}
	verdict, err := readJSON[record.Report](dir.verdict())
	switch {
	case err != nil:
		return nil, err
	case verdict != nil:
		s = ended(s, *verdict)
	case running:
		s.Phase = engine.Running
	default:
		if s, err = c.abandoned(s, k, dir); err != nil {
			return nil, err
		}
		_ = os.RemoveAll(id.workspace())
	}
	return &s, nil
}

// abandoned says how an attempt ended whose watcher did not live to see it.
func (c *Cluster) abandoned(s engine.Sighting, k key, dir attemptDir) (engine.Sighting, error) {
	result, err := readResult(c.config.Dir, k.step)
	if err != nil {
		return s, err
	}
	return ended(s, judge(evidence{id: c.id(k, s.UID), report: readReport(dir), record: result})), nil
}

// id is how an attempt names itself in its report.
func (c *Cluster) id(k key, uid string) attempt.ID {
	return attempt.ID{Run: c.config.Plan.Run, Step: k.step, Attempt: k.attempt, UID: uid}
}

// glance is how often an attempt that another process watches is looked at.
const glance = 100 * time.Millisecond

// follow notices the end of an attempt that another process watches.
func (c *Cluster) follow(k key) {
	if !c.mark(k, true) {
		return
	}
	c.begin(func(over <-chan struct{}) {
		ticker := time.NewTicker(glance)
		defer ticker.Stop()
		for {
			select {
			case <-over:
				return
			case <-ticker.C:
			}
			if !held(newAttemptDir(c.config.Dir, k.step, k.attempt).lock()) && c.caughtUp(k) {
				return
			}
		}
	})
}

// caughtUp reads how a followed attempt ended; it returns false if that has to be tried again.
func (c *Cluster) caughtUp(k key) bool {
	c.mark(k, false)
	err := c.reload(k.step, k.attempt)
	if err == nil {
		return true
	}
	c.config.Logger.Warn("cannot read how an attempt ended, trying again", zap.String("run", c.config.Plan.Run),
		zap.String("step", k.step), zap.Int("attempt", k.attempt), zap.Error(err))
	return !c.mark(k, true)
}

// mark notes whether an attempt is followed, and tells whether that is news.
func (c *Cluster) mark(k key, followed bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	news := c.followed[k] != followed
	c.followed[k] = followed
	return news
}
