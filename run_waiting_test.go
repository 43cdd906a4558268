package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// finished returns how the Job of a run has ended; empty while it goes on.
func finished(t *testing.T, c *k8sorchtest.Cluster, run string) string {
	t.Helper()
	job, err := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).Get(t.Context(), run, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if len(job.Status.Conditions) == 0 {
		return ""
	}
	return string(job.Status.Conditions[0].Type)
}

func TestAsynchronousRunReturnsOnceSubmitted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, _ := held(release)
		p := pipeline.New("p").Step(pipeline.Func("after", increment, slow)).
			Settings(pipeline.KubernetesOrchestratorSettings{Synchronous: new(false)})
		c := k8sorchtest.New(t, p)
		run, err := c.Run(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if run.ID == "" || run.Submitted.IsZero() {
			t.Errorf("run = %+v, want its id and when it was submitted", run)
		}
		want := &pipeline.Run{
			ID: run.ID, Pipeline: "p", Submitted: run.Submitted, Steps: []pipeline.StepRun{{Name: "slow"}, {Name: "after"}},
		}
		if diff := cmp.Diff(want, run, cmp.FilterPath(unexported, cmp.Ignore())); diff != "" {
			t.Errorf("run (-want +got):\n%s", diff)
		}
		close(release)
		synctest.Wait()
		if how := finished(t, c, run.ID); how != "Complete" {
			t.Errorf("the run ended as %q, want it to have gone on to success", how)
		}
	})
}

// unexported tells of fields that users do not see.
func unexported(path cmp.Path) bool {
	field, ok := path.Last().(cmp.StructField)
	return ok && (field.Name() == "open" || field.Name() == "result")
}

func TestTimeoutEndsTheWaitNotTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, _ := held(release)
		p := pipeline.New("p").Step(slow)
		c := k8sorchtest.New(t, p)
		began := time.Now()
		run, err := c.Run(t.Context(), p, pipeline.RunSettings(pipeline.KubernetesOrchestratorSettings{Timeout: new(90)}))
		if !errors.Is(err, pipeline.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, pipeline.ErrInterrupted) {
			t.Errorf("error = %v, want %v alone", err, pipeline.ErrTimeout)
		}
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("it was waited for %s, want 1m30s", took)
		}
		if s, _ := run.Step("slow"); run.Outcome != "" || s.Attempts != 1 {
			t.Errorf("run = %+v, want what is known so far", run)
		}
		close(release)
		synctest.Wait()
		if how := finished(t, c, run.ID); how != "Complete" {
			t.Errorf("the run ended as %q, want it to have gone on to success", how)
		}
	})
}

func TestTimeoutOfARunThatEndsInTime(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	_, err := k8sorchtest.New(t, p).Run(t.Context(), p, pipeline.RunSettings(pipeline.KubernetesOrchestratorSettings{Timeout: new(600)}))
	if err != nil {
		t.Error(err)
	}
}
