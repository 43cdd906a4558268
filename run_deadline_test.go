package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/k8sorchtest"
)

// deadline is a deadline of two minutes.
func deadline() pipeline.KubernetesOrchestratorSettings {
	return pipeline.KubernetesOrchestratorSettings{RunDeadline: new(120)}
}

// checkPastDeadline makes sure that a run was stopped by its deadline two minutes after it began.
func checkPastDeadline(t *testing.T, began time.Time, run *pipeline.Run, err error, want map[string]pipeline.Outcome) {
	t.Helper()
	// The orchestrator's Job has its times in whole seconds.
	if took := time.Since(began); took < 119*time.Second || took > 121*time.Second {
		t.Errorf("the run took %s, want its deadline of 2m0s", took)
	}
	if run.Outcome != pipeline.Stopped || !strings.Contains(err.Error(), "ended as Stopped: the run's deadline of 2m0s has passed") {
		t.Errorf("outcome %s, error %v, want the deadline to have stopped the run", run.Outcome, err)
	}
	if diff := cmp.Diff(want, outcomes(run)); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestDeadlineStopsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, _ := hanging()
		quick := pipeline.Func0("quick", number)
		p := pipeline.New("p").Step(pipeline.Func("after", increment, hang), quick).Settings(deadline())
		c := k8sorchtest.New(t, p)
		began := time.Now()
		run, err := c.Run(t.Context(), p)
		checkPastDeadline(t, began, run, err, map[string]pipeline.Outcome{
			"hang": pipeline.Stopped, "after": pipeline.Skipped, "quick": pipeline.Succeeded,
		})
		if s, _ := run.Step("hang"); s.Message != "the run's deadline of 2m0s has passed" {
			t.Errorf("message of the step = %q", s.Message)
		}
		synctest.Wait()
		if how := finished(t, c, run.ID); how != "Failed" {
			t.Errorf("the Job ended as %q, want Failed", how)
		}
	})
}

// A step that waits for its next attempt has no pod, and gets no record: only the record of the stop tells what became of it.
func TestDeadlineStopsARunOfWhichNothingRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		flaky := pipeline.Func0("flaky", func(context.Context) (int, error) { return 0, errors.New("not yet") }).
			Retry(pipeline.Retry{MaxRetries: 1, Delay: time.Hour})
		p := pipeline.New("p").Step(pipeline.Func("after", increment, flaky)).Settings(deadline())
		began := time.Now()
		run, err := k8sorchtest.New(t, p).Run(t.Context(), p)
		checkPastDeadline(t, began, run, err, map[string]pipeline.Outcome{"flaky": pipeline.Stopped, "after": pipeline.Skipped})
	})
}

func TestDeadlineOutlivesTheOrchestrator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, _ := hanging()
		p := pipeline.New("p").Step(hang).Settings(deadline())
		c := k8sorchtest.New(t, p)
		for _, after := range []time.Duration{40 * time.Second, 80 * time.Second} {
			time.AfterFunc(after, c.KillOrchestrator)
		}
		began := time.Now()
		run, err := c.Run(t.Context(), p)
		checkPastDeadline(t, began, run, err, map[string]pipeline.Outcome{"hang": pipeline.Stopped})
	})
}

// The orchestrator that decides on the stop is killed before it has stopped anything: the next one goes on with that.
func TestStopOutlivesTheOrchestrator(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, _ := hanging()
		p := pipeline.New("p").Step(hang).Settings(deadline())
		c := k8sorchtest.New(t, p)
		var once sync.Once
		c.Clientset().PrependReactor("create", "configmaps", func(action clienttesting.Action) (bool, runtime.Object, error) {
			made := action.(clienttesting.CreateAction).GetObject().(*corev1.ConfigMap)
			if made.Labels[kube.LabelRecord] == kube.RecordStop {
				once.Do(c.KillOrchestrator)
			}
			return false, nil, nil
		})
		began := time.Now()
		run, err := c.Run(t.Context(), p)
		checkPastDeadline(t, began, run, err, map[string]pipeline.Outcome{"hang": pipeline.Stopped})
	})
}

func TestRunThatMeetsItsDeadline(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number)).Settings(deadline())
	if _, err := k8sorchtest.New(t, p).Run(t.Context(), p); err != nil {
		t.Error(err)
	}
}
