package docs_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// begin submits a run and does not wait for it.
func begin(ctx context.Context, o *pipeline.Orchestrator, p *pipeline.Pipeline) (string, error) {
	h, err := o.Submit(ctx, p)
	if err != nil {
		return "", err
	}
	return h.ID, nil
}

// drain ends a run that any process has submitted, once the attempts that are running have finished.
func drain(ctx context.Context, o *pipeline.Orchestrator, p *pipeline.Pipeline, run string) (*pipeline.Run, error) {
	h, err := o.Open(ctx, p, run)
	if err != nil {
		return nil, err
	}
	if err := h.Drain(ctx, "enough for today"); err != nil {
		return nil, err
	}
	ended, err := h.Wait(ctx)
	if _, stopped := errors.AsType[*pipeline.RunError](err); stopped {
		return ended, nil // it tells which steps were not begun
	}
	return ended, err
}

// goOn runs what did not succeed in a run that is over, and waits for it.
func goOn(ctx context.Context, o *pipeline.Orchestrator, p *pipeline.Pipeline, run string) (*pipeline.Run, error) {
	h, err := o.Retry(ctx, p, run)
	if err != nil {
		return nil, err
	}
	return h.Wait(ctx)
}

// copyAll stands for a step that can end early: it is told to by its context, whose cause says why.
func copyAll(ctx context.Context, files <-chan int) (copied int, _ error) {
	for {
		select {
		case _, more := <-files:
			if !more {
				return copied, nil
			}
			copied++
		case <-ctx.Done():
			return 0, context.Cause(ctx) // wraps pipeline.ErrTerminated
		}
	}
}

// TestDrainedRunIsRetried drains a run while its first step runs: that one finishes, the next one is left to the retry. Time
// is virtual: a minute passes once everybody waits.
func TestDrainedRunIsRetried(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		files := make(chan int)
		first := pipeline.Func0("copy", func(ctx context.Context) (int, error) { return copyAll(ctx, files) })
		last := pipeline.Func("index", func(_ context.Context, n int) (int, error) { return n, nil }, first)
		p := pipeline.New("files").Step(last)
		c := k8sorchtest.New(t, p)
		ctx, o := c.Context(t.Context()), c.Orchestrator()
		run, err := begin(ctx, o, p)
		if err != nil {
			t.Fatal(err)
		}
		files <- 1
		time.AfterFunc(time.Minute, func() { close(files) })
		drained, err := drain(ctx, o, p, run)
		if err != nil || drained.Outcome != pipeline.Stopped {
			t.Fatalf("the run is %s (%v), want it stopped", drained.Outcome, err)
		}
		retried, err := goOn(ctx, o, p, run)
		if err != nil {
			t.Fatal(err)
		}
		if copied, err := last.Result(ctx, retried); err != nil || copied != 1 {
			t.Errorf("%d files are in the index (%v), want 1", copied, err)
		}
		if diff := cmp.Diff([]string{"copy", "index"}, c.Started()); diff != "" {
			t.Errorf("started (-want +got):\n%s", diff)
		}
	})
}

// TestStepThatIsStoppedKnowsWhy stops a run instead.
func TestStepThatIsStoppedKnowsWhy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		why := make(chan error, 1)
		step := pipeline.Func0("copy", func(ctx context.Context) (int, error) {
			n, err := copyAll(ctx, nil)
			why <- err
			return n, err
		})
		p := pipeline.New("files").Step(step)
		c := k8sorchtest.New(t, p)
		ctx := c.Context(t.Context())
		h, err := c.Orchestrator().Submit(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Minute, func() {
			if err := h.Stop(ctx, "at once"); err != nil {
				t.Error(err)
			}
		})
		if run, err := h.Wait(ctx); err == nil || run.Outcome != pipeline.Stopped {
			t.Errorf("the run is %s (%v), want it stopped", run.Outcome, err)
		}
		if err := <-why; !errors.Is(err, pipeline.ErrTerminated) {
			t.Errorf("the step was told %v, want ErrTerminated", err)
		}
	})
}
