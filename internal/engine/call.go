package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"
	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/pause"
)

// carryOut repeats a command until the cluster has answered it. A call that may or may not have taken effect is
// repeated the same: names are deterministic and records are made once.
func (d *Driver) carryOut(ctx context.Context, c Command) {
	retry := backoff.WithContext(pause.Growing(200*time.Millisecond), ctx)
	notify := func(err error, next time.Duration) {
		d.Logger.Warn("cluster does not answer, repeating the call",
			zap.String("step", c.Step), zap.Int("attempt", c.Attempt), zap.String("action", string(c.Do)), zap.Duration("after", next), zap.Error(err))
		d.send(ctx, answer{command: c, trouble: fmt.Sprintf("cannot %s attempt %d: %v", c.Do, c.Attempt, err)})
	}
	first := true
	// The only error is that of a context that ended.
	_ = backoff.RetryNotify(func() error {
		var a Answer
		var err error
		if first || !c.took(d.Cluster.View(c.Step)) {
			a, err = d.call(ctx, c)
		}
		first = false
		if err != nil {
			// Without what it wraps: a backoff.Permanent in there would end the repetition, and the command would stay
			// unanswered for ever.
			return errors.New(err.Error())
		}
		d.send(ctx, answer{command: c, answer: a})
		return nil
	}, retry, notify)
}

// took tells that the view shows that a start took effect, whose answer did not come. To repeat it could bring back an
// attempt that is over and gone.
func (c Command) took(o Observation) bool {
	return c.Do == Start && (o.Result != nil ||
		slices.ContainsFunc(o.Sightings, func(sg Sighting) bool { return sg.Attempt == c.Attempt }))
}

func (d *Driver) send(ctx context.Context, a answer) {
	select {
	case d.answers <- a:
	case <-ctx.Done():
	}
}

// call carries out a command once, unless ctx ends first.
func (d *Driver) call(ctx context.Context, c Command) (a Answer, err error) {
	d.calls <- struct{}{}
	defer func() { <-d.calls }()
	if err := ctx.Err(); err != nil {
		return a, err
	}
	switch c.Do {
	case Start:
		err = d.Cluster.Start(ctx, c.Step, c.Attempt)
		if errors.As(err, &a.Refusal) {
			err = nil
		}
	case Remove:
		err = d.Cluster.Remove(ctx, c.Step, c.Attempt, c.UID)
	case ForceRemove:
		err = d.Cluster.ForceRemove(ctx, c.Step, c.Attempt, c.UID)
	case Commit:
		a.Standing = new(c.Result)
		*a.Standing, err = d.Cluster.Commit(ctx, c.Result, c.Value)
	case Close:
		err = d.Cluster.Close(ctx, c.Closing)
	case Confirm:
		a.Confirmation, err = d.Cluster.Confirm(ctx, c.Step, c.Attempt)
	}
	return a, err
}
