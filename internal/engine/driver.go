package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
	"go.uber.org/zap"
)

// ErrRunGone is returned when the run itself was deleted from the cluster.
var ErrRunGone = errors.New("the run was deleted")

// maxCalls bounds how many commands are carried out at once. The API server's own priority and fairness does the rest.
const maxCalls = 16

// Driver feeds a machine from a cluster and carries out its commands there.
type Driver struct {
	// Machine decides.
	Machine *Machine
	// Cluster is where the run lives.
	Cluster Cluster
	// Logger takes what goes wrong on the way; it must be set.
	Logger *zap.Logger
	// Changed is told of every step whose status may have changed, from the driver's own goroutine; it may be nil.
	Changed func(Status)
	// Stop asks the run to end, with the reason; it may be nil.
	Stop <-chan string
	// Gone is closed when the run is found to be deleted; it may be nil.
	Gone <-chan struct{}

	mu      sync.Mutex
	changed map[string]bool
	wake    chan struct{}
	answers chan answer
	calls   chan struct{}
}

type answer struct {
	command Command
	answer  Answer
	trouble string
}

// Run drives the run to its end. When ctx ends first, nothing more is done and what runs is left alone: an orchestrator
// that is taken away is not a run that is stopped.
func (d *Driver) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	d.changed = map[string]bool{}
	d.wake = make(chan struct{}, 1)
	d.answers = make(chan answer)
	d.calls = make(chan struct{}, maxCalls)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	if err := d.Cluster.Watch(ctx, d.note); err != nil {
		return fmt.Errorf("watching the run: %w", err)
	}
	for _, s := range d.Machine.plan.Steps {
		d.note(s.Name)
	}
	return d.loop(ctx, &workers)
}

func (d *Driver) loop(ctx context.Context, workers *sync.WaitGroup) error {
	stop, gone := d.Stop, d.Gone
	for {
		d.observe()
		for _, c := range d.Machine.Advance(time.Now()) {
			workers.Go(func() { d.carryOut(ctx, c) })
			d.tell(c.Step)
		}
		switch {
		case d.Machine.Halted():
			return ErrRunGone
		case d.Machine.Done():
			d.tellAll()
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-d.wake:
		case a := <-d.answers:
			d.take(a)
		case reason := <-stop:
			stop = nil
			d.Machine.Stop(reason)
		case <-gone:
			gone = nil
			d.Machine.Halt()
		case <-alarm(d.Machine.Wake()):
		}
	}
}

// alarm returns a channel that delivers at the given time, never when that is zero.
func alarm(at time.Time) <-chan time.Time {
	if at.IsZero() {
		return nil
	}
	return time.After(time.Until(at))
}

// note marks a step whose view is to be read. It is called by the cluster, from any goroutine.
func (d *Driver) note(step string) {
	d.mu.Lock()
	d.changed[step] = true
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// observe reads the view of every step that has changed.
func (d *Driver) observe() {
	d.mu.Lock()
	changed := d.changed
	d.changed = map[string]bool{}
	d.mu.Unlock()
	now := time.Now()
	for step := range changed {
		d.Machine.Observe(step, d.Cluster.View(step), now)
		d.tell(step)
	}
}

func (d *Driver) take(a answer) {
	if a.trouble != "" {
		d.Machine.Trouble(a.command, a.trouble)
		d.tell(a.command.Step)
		return
	}
	d.Machine.Answer(a.command, a.answer, time.Now())
	d.tell(a.command.Step)
}

func (d *Driver) tell(step string) {
	if d.Changed != nil {
		d.Changed(d.Machine.Status(step))
	}
}

func (d *Driver) tellAll() {
	for _, s := range d.Machine.plan.Steps {
		d.tell(s.Name)
	}
}

// carryOut repeats a command until the cluster has answered it. A call that may or may not have taken effect is
// repeated the same: names are deterministic and records are made once.
func (d *Driver) carryOut(ctx context.Context, c Command) {
	retry := backoff.WithContext(backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(200*time.Millisecond), backoff.WithMaxInterval(15*time.Second), backoff.WithMaxElapsedTime(0)), ctx)
	notify := func(err error, next time.Duration) {
		d.Logger.Warn("cluster does not answer, repeating the call",
			zap.String("step", c.Step), zap.Int("attempt", c.Attempt), zap.String("action", string(c.Do)), zap.Duration("after", next), zap.Error(err))
		d.send(ctx, answer{command: c, trouble: fmt.Sprintf("cannot %s attempt %d: %v", c.Do, c.Attempt, err)})
	}
	// The only error is that of a context that ended.
	_ = backoff.RetryNotify(func() error {
		a, err := d.call(ctx, c)
		if err == nil {
			d.send(ctx, answer{command: c, answer: a})
		}
		return err
	}, retry, notify)
}

func (d *Driver) send(ctx context.Context, a answer) {
	select {
	case d.answers <- a:
	case <-ctx.Done():
	}
}

// call carries out a command once.
func (d *Driver) call(ctx context.Context, c Command) (a Answer, err error) {
	select {
	case d.calls <- struct{}{}:
		defer func() { <-d.calls }()
	case <-ctx.Done():
		return a, ctx.Err()
	}
	switch c.Do {
	case Start:
		err = d.Cluster.Start(ctx, c.Step, c.Attempt)
		if errors.As(err, &a.Refusal) {
			err = nil
		}
	case Remove:
		err = d.Cluster.Remove(ctx, c.Step, c.Attempt, c.UID)
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
