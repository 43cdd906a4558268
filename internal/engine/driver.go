package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
)

// ErrRunGone is returned when the run itself was deleted from the cluster.
var ErrRunGone = errors.New("the run was deleted")

// Driver feeds a machine from a cluster and carries out its commands there.
type Driver struct {
	// Machine decides.
	Machine *Machine
	// Cluster is where the run lives.
	Cluster Cluster
	// Logger takes what goes wrong on the way; it must be set.
	Logger *zap.Logger
	// Begin is called once what there is of the run has been seen, before anything is decided from it; it may be nil.
	Begin func(context.Context)
	// Changed is told of every step whose status may have changed, from the driver's own goroutine; it may be nil.
	Changed func(Status)
	// Stop asks the run to end, Drain to end with what is running, each with the reason; they may be nil. Each is read
	// once.
	Stop, Drain <-chan string
	// Unattended is closed when whoever drives the run that Machine views has ended; it may be nil.
	Unattended <-chan struct{}
	// Gone is closed when the run is found to be deleted; it may be nil.
	Gone <-chan struct{}

	mu      sync.Mutex
	changed map[string]bool
	wake    chan struct{}
	answers chan answer
	calls   calls
}

// answer is what the cluster said to a call, or why it did not answer.
type answer struct {
	call   *call
	answer Answer
	err    error
}

// Run drives the run to its end. When ctx ends first, nothing more is done and what runs is left alone: an orchestrator
// that is taken away is not a run that is stopped.
func (d *Driver) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	d.changed = map[string]bool{}
	d.wake = make(chan struct{}, 1)
	d.answers = make(chan answer)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	if err := d.Cluster.Watch(ctx, d.note); err != nil {
		return fmt.Errorf("watching the run: %w", err)
	}
	if d.Begin != nil {
		d.Begin(ctx)
	}
	for _, s := range d.Machine.plan.Steps {
		d.note(s.Name)
	}
	return d.loop(ctx, &workers)
}

func (d *Driver) loop(ctx context.Context, workers *sync.WaitGroup) error {
	d.heed()
	stop, drain, unattended, gone := d.Stop, d.Drain, d.Unattended, d.Gone
	for ctx.Err() == nil {
		d.observe()
		for _, c := range d.Machine.Advance(time.Now()) {
			d.calls.add(&call{Command: c})
		}
		d.callOut(ctx, workers)
		d.tell()
		switch {
		case d.Machine.Halted():
			return ErrRunGone
		case d.Machine.Done():
			return nil
		}
		select {
		case <-ctx.Done():
		case <-d.wake:
		case a := <-d.answers:
			d.take(a)
		case reason := <-stop:
			stop = nil
			d.Machine.Stop(reason)
		case reason := <-drain:
			drain = nil
			d.Machine.Drain(reason)
		case <-unattended:
			unattended = nil
			d.Machine.Unattended()
		case <-gone:
			gone = nil
			d.Machine.Halt()
		case <-alarm(soonest(d.Machine.Wake(), d.calls.wake())):
		}
	}
	return context.Cause(ctx)
}

// heed takes a request that is there already: a run that was asked to stop or to drain before this orchestrator came begins
// nothing more.
func (d *Driver) heed() {
	select {
	case reason := <-d.Stop:
		d.Machine.Stop(reason)
	case reason := <-d.Drain:
		d.Machine.Drain(reason)
	default:
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

// noted returns the steps that were marked since the last call.
func (d *Driver) noted() map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.changed) == 0 {
		return nil
	}
	noted := d.changed
	d.changed = map[string]bool{}
	return noted
}

// observe reads the view of every step that has changed.
func (d *Driver) observe() {
	now := time.Now()
	for step := range d.noted() {
		d.Machine.Observe(step, d.Cluster.View(step), now)
	}
}

// take hands an answer to the machine, and before it the view, which has by now what the command wrote.
func (d *Driver) take(a answer) {
	d.calls.underway--
	if a.err != nil {
		d.repeat(a.call, a.err)
		return
	}
	now, c := time.Now(), a.call.Command
	d.Machine.Observe(c.Step, d.Cluster.View(c.Step), now)
	d.Machine.Answer(c, a.answer, now)
}

// tell tells of the steps whose status may have changed.
func (d *Driver) tell() {
	for _, status := range d.Machine.news() {
		if d.Changed != nil {
			d.Changed(status)
		}
	}
}
