package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// heard returns a step that runs until its context ends, and what delivers the cause of that.
func heard() (*pipeline.Step[int], <-chan error) {
	causes := make(chan error, 2)
	return pipeline.Func0("hang", func(ctx context.Context) (int, error) {
		<-ctx.Done()
		causes <- context.Cause(ctx)
		return 1, nil
	}), causes
}

func TestStepKnowsThatItIsStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, causes := heard()
		p := pipeline.New("p").Step(hang).Settings(deadline())
		_, _ = k8sorchtest.New(t, p).Run(t.Context(), p)
		cause := <-causes
		if !errors.Is(cause, pipeline.ErrTerminated) || !errors.Is(cause, pipeline.ErrStopped) ||
			!strings.HasSuffix(cause.Error(), "the run's deadline of 2m0s has passed") {
			t.Errorf("cause = %v, want it to tell of the deadline", cause)
		}
	})
}

func TestStepWhosePodIsTakenAwayIsNotStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, causes := heard()
		p := pipeline.New("p").Step(hang)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		go func() {
			synctest.Wait()
			pods := c.Clientset().CoreV1().Pods(k8sorchtest.Namespace)
			if err := pods.Delete(t.Context(), c.Pods("hang")[0].Name, metav1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		}()
		if cause := <-causes; !errors.Is(cause, pipeline.ErrTerminated) || errors.Is(cause, pipeline.ErrStopped) {
			t.Errorf("cause = %v, want it to tell of the signal and of no stop", cause)
		}
		if run, err := h.Wait(t.Context()); err != nil {
			t.Errorf("run = %s, %v, want the value that came in the grace", run.Outcome, err)
		}
	})
}
