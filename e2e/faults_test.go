package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestFaults lets a step end in the five ways that it can end badly by itself.
func TestFaults(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]struct{ reason, message string }{
		"error": {"Error", "the disk is on fire"},
		"panic": {"Panic", "panic: assignment to entry in nil map"},
		"exit3": {"ExitCode", "exit code 3"},
		"oom":   {"OOMKilled", "killed for want of memory; its limit is 128Mi"},
		"exit0": {"NoResult", "it ended with exit code 0, and left neither a result record nor a report"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			c, code := e.run(t, command{program: built(t, buildFaults), args: []string{"--output", "json", "--how", how}})
			if code != cli.ExitFailed {
				t.Errorf("exit code %d, want %d", code, cli.ExitFailed)
			}
			wantText(t, c.stderr.String(), "victim: Failed ("+want.reason+")", want.message, "the end of its log:", "falls how="+how)
			wantFault(t, c.document(t), want.reason, want.message)
			e.wantFailedPod(t, "victim", "falls")
		})
	}
}

// wantFault fails the test unless the JSON says what the text does.
func wantFault(t *testing.T, d *document, reason, message string) {
	t.Helper()
	want := map[string]pipeline.Outcome{"victim": pipeline.Failed, "after": pipeline.Skipped, "beside": pipeline.Succeeded}
	if diff := cmp.Diff(want, d.outcomes()); diff != "" {
		t.Errorf("outcomes of the steps (-want +got):\n%s", diff)
	}
	if d.Outcome != pipeline.Failed {
		t.Errorf("outcome of the run: %s, want %s", d.Outcome, pipeline.Failed)
	}
	victim, _ := d.Step("victim")
	if victim.Reason != reason || victim.Attempts != 1 {
		t.Errorf("the step failed with reason %s after %d attempts, want %s after one", victim.Reason, victim.Attempts, reason)
	}
	wantText(t, victim.Message, message)
	wantText(t, d.Error, "victim", reason)
}

// wantFailedPod fails the test unless the pod of a step that has failed is still there, and what it has logged.
func (e *env) wantFailedPod(t *testing.T, step, logged string) {
	t.Helper()
	pods, err := e.client.CoreV1().Pods(e.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: labelStep + "=" + step})
	if err != nil {
		t.Fatal(err)
	}
	if len(pods.Items) != 1 {
		t.Fatalf("step %s has %d pods, want one", step, len(pods.Items))
	}
	// The record is there before the kubelet has reported the end.
	pod := waitFor(t, e.client.CoreV1().Pods(e.namespace), pods.Items[0].Name, isOver)
	logs, err := e.logs(t.Context(), pod.Name, "main")
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, logs, logged)
}
