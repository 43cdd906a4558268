package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// checkTimedOut makes sure that a step was ended by its timeout of two minutes.
func checkTimedOut(t *testing.T, began time.Time, run *pipeline.Run, err error, message string) {
	t.Helper()
	if took := time.Since(began); took < 119*time.Second || took > 121*time.Second {
		t.Errorf("the run took %s, want the step's timeout of 2m0s", took)
	}
	s := run.Steps[0]
	if s.Outcome != pipeline.Failed || s.Reason != "DeadlineExceeded" || s.Message != message {
		t.Errorf("error %v; the step ended as %s (%s): %s; want Failed (DeadlineExceeded): %s", err, s.Outcome, s.Reason, s.Message, message)
	}
}

func stepTimeout() pipeline.KubernetesOrchestratorSettings {
	return pipeline.KubernetesOrchestratorSettings{StepTimeout: new(120)}
}

func TestStepTimeoutEndsARunningAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, _ := hanging()
		p := pipeline.New("p").Step(hang.Retry(pipeline.Retry{MaxRetries: 3}).Settings(stepTimeout()))
		began := time.Now()
		run, err := k8sorchtest.New(t, p).Run(t.Context(), p)
		checkTimedOut(t, began, run, err, "the step's timeout of 2m0s, for all of its attempts together, has passed")
	})
}

func TestStepTimeoutCountsTheDelaysBetweenAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		flaky := pipeline.Func0("flaky", func(context.Context) (int, error) { return 0, errors.New("not yet") }).
			Retry(pipeline.Retry{MaxRetries: 100, Delay: 50 * time.Second}).Settings(stepTimeout())
		p := pipeline.New("p").Step(flaky)
		began := time.Now()
		run, err := k8sorchtest.New(t, p).Run(t.Context(), p)
		checkTimedOut(t, began, run, err, "the step's timeout of 2m0s, for all of its attempts together, passed before attempt 4 could begin")
	})
}
