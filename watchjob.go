package pipeline

import (
	"context"
	"sync"

	"go.uber.org/zap"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/kube"
)

// jobWatch turns what happens to a run's Job into what the engine's driver listens to.
type jobWatch struct {
	// known is closed when the Job's state has been seen, or never will be.
	known chan struct{}
	// stop delivers the reason when the run is asked to stop, drain when it is asked to drain.
	stop, drain chan string
	// gone is closed when the Job is deleted or on its way out.
	gone chan struct{}

	stopOnce, drainOnce, goneOnce, knownOnce sync.Once
	cancel                                   context.CancelFunc
	done                                     sync.WaitGroup
}

// jobWatcher is one of kube's ways of watching a run's Job.
type jobWatcher func(ctx context.Context, client kubernetes.Interface, ref kube.Ref, report func(kube.JobState)) error

// watchJob watches until ctx ends or the watch is closed, and tells every state to those who look.
func watchJob(
	ctx context.Context, watch jobWatcher, client kubernetes.Interface, ref kube.Ref, logger *zap.Logger, look ...func(kube.JobState),
) *jobWatch {
	w := &jobWatch{known: make(chan struct{}), stop: make(chan string, 1), drain: make(chan string, 1), gone: make(chan struct{})}
	ctx, w.cancel = context.WithCancel(ctx)
	w.done.Go(func() {
		defer w.learn()
		err := watch(ctx, client, ref, func(s kube.JobState) {
			w.take(s)
			w.learn()
			for _, fn := range look {
				fn(s)
			}
		})
		if err != nil && ctx.Err() == nil {
			logger.Warn("the watch of the run's Job ended", zap.Error(err))
		}
	})
	return w
}

func (w *jobWatch) take(s kube.JobState) {
	if s.StopReason != "" {
		w.stopped(s.StopReason)
	}
	if s.DrainReason != "" {
		w.drainOnce.Do(func() { w.drain <- s.DrainReason })
	}
	if !s.Exists || s.Deleting {
		w.goneOnce.Do(func() { close(w.gone) })
	}
}

// stopped takes note of why the run is to stop, from wherever that is known first.
func (w *jobWatch) stopped(reason string) {
	w.stopOnce.Do(func() { w.stop <- reason })
}

func (w *jobWatch) learn() { w.knownOnce.Do(func() { close(w.known) }) }

// await returns once the Job's state is known, so that what was asked before is heeded from the start.
func (w *jobWatch) await(ctx context.Context) {
	select {
	case <-w.known:
	case <-ctx.Done():
	}
}

func (w *jobWatch) close() {
	w.cancel()
	w.done.Wait()
}
