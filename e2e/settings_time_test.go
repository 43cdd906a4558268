package e2e

import (
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

func TestDeadlineStopsTheRun(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{
		program: built(t, buildScenarios), env: []string{"SCENARIO=attempts"},
		args: []string{"--output", "json", "--ends", "hang", "--deadline", "8s"},
	})
	s.running(t, "try")
	c.wantExit(t, cli.ExitStopped)
	d := c.document(t)
	if got := d.outcomes()["try"]; got != pipeline.Stopped {
		t.Errorf("the step ended as %q, want %q", got, pipeline.Stopped)
	}
	wantText(t, d.Message, "the run's deadline of 8s has passed")
	ended := waitFor(t, s.client.BatchV1().Jobs(s.namespace), s.job(t).Name, isFinished)
	if !hasCondition(ended, batchv1.JobFailed) {
		t.Errorf("a run that was stopped has the conditions %+v", ended.Status.Conditions)
	}
	if got := s.closed(t, "try", 1).Outcome; got != pipeline.Stopped {
		t.Errorf("the attempt is recorded as %q, want %q", got, pipeline.Stopped)
	}
}

func TestTimeoutLeavesTheRunAlone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{
		program: built(t, buildScenarios), env: []string{"SCENARIO=attempts"}, args: []string{"--ends", "hang,succeed", "--timeout", "3s"},
	})
	c.wantExit(t, cli.ExitTimeout)
	job := s.job(t).Name
	wantText(t, c.stderr.String(), "Run "+job+" goes on in the cluster")
	deletePod(t, s.env, s.running(t, "try"))
	if ended := waitFor(t, s.client.BatchV1().Jobs(s.namespace), job, isFinished); !hasCondition(ended, batchv1.JobComplete) {
		t.Errorf("the run did not succeed: %+v", ended.Status.Conditions)
	}
}

func TestDetachedClientDoesNotWait(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{
		program: built(t, buildScenarios), env: []string{"SCENARIO=attempts"}, args: []string{"--ends", "hang,succeed", "--detach"},
	})
	c.wantExit(t, cli.ExitSucceeded)
	deletePod(t, s.env, s.running(t, "try"))
	if ended := waitFor(t, s.client.BatchV1().Jobs(s.namespace), s.job(t).Name, isFinished); !hasCondition(ended, batchv1.JobComplete) {
		t.Errorf("the run did not succeed: %+v", ended.Status.Conditions)
	}
}
