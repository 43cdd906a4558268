package e2e

import (
	"os"
	"testing"

	batchv1 "k8s.io/api/batch/v1"

	"github.com/org/k8sorch/cli"
)

func TestRunGoesOnWithoutItsClient(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildQuickstart)})
	s.succeeded(t, "load")
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	c.wantExit(t, cli.ExitInterrupted)
	job := s.job(t).Name
	wantText(t, c.stderr.String(), "Run "+job+" goes on in the cluster", "--namespace "+s.namespace,
		" get "+job, " watch "+job, " stop "+job, " delete "+job)
	if c.stdout.String() != "" {
		t.Errorf("standard output is %q, and there is no report yet", c.stdout)
	}
	if s.jobs.last(isFinished) != nil {
		t.Fatal("the run has ended before the client did: this shows nothing")
	}

	ended := waitFor(t, s.client.BatchV1().Jobs(s.namespace), job, isFinished)
	if !hasCondition(ended, batchv1.JobComplete) {
		t.Errorf("the run did not succeed: %+v", ended.Status.Conditions)
	}
	s.wantOnePodPerStep(t)
}
