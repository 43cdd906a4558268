package standin

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/org/k8sorch/e2e/bench/shape"
)

// The timings of the orchestrator that PollLoop stands for.
const (
	// monitorPass is the least time from the beginning of one look at all running steps to that of the next.
	monitorPass = 3 * time.Second
	// mainLoop is how often it is looked for steps that can begin.
	mainLoop = 500 * time.Millisecond
	// startWorkers begin steps.
	startWorkers = 10
)

// PollLoop is S3: a Job per step, of which a loop asks one after the other: for the Job, and for its pods that are pending.
func PollLoop(ctx context.Context, r Run) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	b := &board{running: map[string]bool{}}
	b.progress, b.ready = r.Shape.Start()
	give := each(ctx, fail, startWorkers, func(ctx context.Context, step string) error {
		if err := r.createJob(ctx, step); err != nil {
			return err
		}
		b.begin(step)
		return nil
	})
	monitor := make(chan error, 1)
	go func() { monitor <- r.monitor(ctx, b) }()
	ticks := time.NewTicker(mainLoop)
	defer ticks.Stop()
	for !b.over() {
		give(b.take()...)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-monitor:
			return err
		case <-ticks.C:
		}
	}
	return nil
}

// monitor looks at all running steps again and again.
func (r Run) monitor(ctx context.Context, b *board) error {
	for {
		next := time.After(monitorPass)
		for _, step := range b.all() {
			if err := r.look(ctx, b, step); err != nil {
				return fmt.Errorf("looking at step %s: %w", step, err)
			}
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-next:
		}
	}
}

// look makes the two reads of a running step.
func (r Run) look(ctx context.Context, b *board, step string) error {
	job, err := r.Client.BatchV1().Jobs(r.Namespace).Get(ctx, step, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if complete(job) {
		b.end(step)
		return nil
	}
	_, err = r.Client.CoreV1().Pods(r.Namespace).List(ctx, metav1.ListOptions{
		LabelSelector: "job-name=" + step, FieldSelector: fields.OneTermEqualSelector("status.phase", string(corev1.PodPending)).String(),
	})
	return err
}

// board is what the loops share.
type board struct {
	mu       sync.Mutex
	progress *shape.Progress
	ready    []string
	running  map[string]bool
}

func (b *board) begin(step string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running[step] = true
}

func (b *board) end(step string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.running, step)
	b.ready = append(b.ready, b.progress.End(step)...)
}

// take returns the steps that can begin, each once.
func (b *board) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	ready := b.ready
	b.ready = nil
	return ready
}

func (b *board) all() (steps []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for step := range b.running {
		steps = append(steps, step)
	}
	return steps
}

func (b *board) over() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.progress.Over()
}
