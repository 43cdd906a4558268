package engine

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/pause"
)

// maxCalls bounds how many commands are carried out at once. The API server's own priority and fairness does the rest.
const maxCalls = 16

// calls are the commands that have no answer yet. However many there are, only those that are under way have a goroutine.
type calls struct {
	// due are called as soon as there is room, in this order: first those that end something, which makes room for others.
	due, starts []*call
	// paused are called again later.
	paused pausedCalls
	// underway counts those that are being called.
	underway int
}

// call is a command on its way to an answer.
type call struct {
	Command
	// pauses lie between its repetitions; nil before the first call.
	pauses *backoff.ExponentialBackOff
	// again is when a command is called once more that was not answered.
	again time.Time
}

// add takes in a command that is due.
func (q *calls) add(c *call) {
	if c.Do == Start {
		q.starts = append(q.starts, c)
	} else {
		q.due = append(q.due, c)
	}
}

// next takes out the command that is to be called now; nil when there is none, or no room.
func (q *calls) next(now time.Time) *call {
	for len(q.paused) > 0 && !now.Before(q.paused[0].again) {
		q.add(heap.Pop(&q.paused).(*call))
	}
	if q.underway == maxCalls {
		return nil
	}
	for _, queue := range []*[]*call{&q.due, &q.starts} {
		if len(*queue) > 0 {
			c := (*queue)[0]
			(*queue)[0], *queue = nil, (*queue)[1:]
			q.underway++
			return c
		}
	}
	return nil
}

// wake is when a paused command is to be called again; zero when there is none.
func (q *calls) wake() time.Time {
	if len(q.paused) == 0 {
		return time.Time{}
	}
	return q.paused[0].again
}

// pausedCalls is a heap, the first to be called again first.
type pausedCalls []*call

func (h pausedCalls) Len() int           { return len(h) }
func (h pausedCalls) Less(i, j int) bool { return h[i].again.Before(h[j].again) }
func (h pausedCalls) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *pausedCalls) Push(x any) { *h = append(*h, x.(*call)) }

// Pop implements [heap.Interface].
func (h *pausedCalls) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return c
}

// callOut carries out what is due, as far as there is room.
func (d *Driver) callOut(ctx context.Context, workers *sync.WaitGroup) {
	for c := d.calls.next(time.Now()); c != nil; c = d.calls.next(time.Now()) {
		workers.Go(func() {
			a, err := d.carryOut(ctx, c)
			select {
			case d.answers <- answer{call: c, answer: a, err: err}:
			case <-ctx.Done():
			}
		})
	}
}

// repeat has a command called again that the cluster has not answered. A call that may or may not have taken effect is
// repeated the same: names are deterministic and records are made once.
func (d *Driver) repeat(c *call, err error) {
	if c.pauses == nil {
		c.pauses = pause.Growing(200 * time.Millisecond)
	}
	next := c.pauses.NextBackOff()
	d.Logger.Warn("cluster does not answer, repeating the call",
		zap.String("step", c.Step), zap.Int("attempt", c.Attempt), zap.String("action", string(c.Do)), zap.Duration("after", next), zap.Error(err))
	d.Machine.Trouble(c.Command, fmt.Sprintf("cannot %s attempt %d: %v", c.Do, c.Attempt, err))
	c.again = time.Now().Add(next)
	heap.Push(&d.calls.paused, c)
}

// took tells that the view shows that a start took effect, whose answer did not come. To repeat it could bring back an
// attempt that is over and gone.
func (c Command) took(o Observation) bool {
	return c.Do == Start && (o.Result != nil ||
		slices.ContainsFunc(o.Sightings, func(sg Sighting) bool { return sg.Attempt == c.Attempt }))
}

// carryOut calls the cluster once, unless ctx has ended, or the view shows that an earlier call did it.
func (d *Driver) carryOut(ctx context.Context, c *call) (a Answer, err error) {
	if err := ctx.Err(); err != nil {
		return a, err
	}
	if c.pauses != nil && c.took(d.Cluster.View(c.Step)) {
		return a, nil
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
