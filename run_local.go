package pipeline

import (
	"context"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
)

// localRun is a run that this process drives itself.
type localRun struct {
	tracker *tracker
	machine *engine.Machine
	plan    *plan.Plan
	dir     string
	// newCluster returns where the steps run, or the hooks.
	newCluster func() (*process.Cluster, error)
	// stop and drain have room for one request each.
	stop, drain chan string
	// asked is why the run was asked to stop or, if it was not, to drain; nil when it was asked neither.
	asked atomic.Pointer[string]
	// deadline is how long the run may take; 0 means for ever.
	deadline time.Duration
	// ending is closed when the context ends that the steps live by; done when they have ended.
	ending <-chan struct{}
	done   chan struct{}
	err    error
}

// drive runs the engine to the end of the run, or of ctx, and leaves no step behind.
func (l *localRun) drive(ctx context.Context, cluster *process.Cluster, logger *zap.Logger) {
	defer l.tracker.over()
	if l.deadline > 0 {
		timer := time.AfterFunc(l.deadline, func() { _ = l.requestStop(ctx, deadlineMessage(l.deadline)) })
		defer timer.Stop()
	}
	d := &engine.Driver{Machine: l.machine, Cluster: cluster, Logger: logger, Stop: l.stop, Drain: l.drain, Changed: l.tracker.status}
	l.err = d.Run(ctx)
	cluster.Wait()
	if l.err == nil {
		l.endHooks(ctx, logger)
	}
	l.tracker.addTails()
	l.tracker.note(func(run *Run) {
		run.Finished, run.State = time.Now(), RunDone
		switch {
		case l.err == nil:
			run.Outcome, run.Message = howEnded(l.machine)
		case ctx.Err() != nil:
			run.Outcome, run.Message = Stopped, "this process was told to end, and the steps are its children"
		default:
			run.Outcome, run.Message = Failed, l.err.Error()
		}
	})
}

// wait returns when the run has ended, or when ctx has. Often that is the very context that the steps live by, and then
// their end is worth the wait.
func (l *localRun) wait(ctx context.Context) (*Run, error) {
	select {
	case <-l.done:
		return ended(l.tracker.soFar())
	case <-ctx.Done():
	}
	select {
	case <-l.ending:
		<-l.done
		return ended(l.tracker.soFar())
	default:
		return l.tracker.soFar(), interrupted(ctx, l.tracker.run.ID)
	}
}

func (l *localRun) requestStop(_ context.Context, reason string) error {
	l.asked.Store(&reason)
	request(l.stop, reason)
	return nil
}

func (l *localRun) requestDrain(_ context.Context, reason string) error {
	l.asked.CompareAndSwap(nil, &reason)
	request(l.drain, reason)
	return nil
}

func request(to chan<- string, reason string) {
	select {
	case to <- reason:
	default: // It was requested before.
	}
}
