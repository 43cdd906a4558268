package e2e

import (
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestKubeletIsKilled takes the kubelet away under a step that runs, so that its node is unreachable while the step's
// process goes on. No other attempt begins until somebody deletes the pod by force, and then the step runs on another node
// and succeeds, though the first process still runs. It is ended when its node has a kubelet again.
func TestKubeletIsKilled(t *testing.T) {
	t.Parallel()
	requireParts(t)
	if os.Getenv("K8SORCH_E2E_FULL") == "" {
		t.Skip("the cluster takes a minute to give up a node; set K8SORCH_E2E_FULL")
	}
	s := newScene(t)
	second := s.startSecondNode(t)
	pool := "e2e.k8sorch.io/" + s.namespace
	s.labelNode(t, secondNodeName, pool)
	c := s.start(t, command{
		program: built(t, buildScenarios), env: []string{"SCENARIO=attempts", withSettings(t, onPool(pool))},
		args: []string{"--ends", "hang,succeed"},
	})
	pod := s.attempt(t, "try", 1)
	if pod.Spec.NodeName != secondNodeName {
		t.Fatalf("the pod is on node %s, want %s", pod.Spec.NodeName, secondNodeName)
	}
	killed := time.Now()
	second.killKubelet(t)
	c.stderr.waitFor(t, "try  Running (attempt 1): NodeNotReady: node "+secondNodeName+" does not answer or is not ready")
	t.Logf("the run told of the node %s after its kubelet was killed", time.Since(killed).Round(time.Second))
	pod = s.pods.first(t, "the pod is to be deleted", func(c change[*corev1.Pod]) bool {
		return c.object.UID == pod.UID && c.object.DeletionTimestamp != nil
	}).object
	t.Logf("the pod was to be deleted %s after its kubelet was killed", time.Since(killed).Round(time.Second))
	c.stderr.waitFor(t, "its attempt is on its way out: NodeNotReady: node "+secondNodeName+" does not answer or is not ready")
	s.labelNode(t, s.anyNode(t).Name, pool)
	s.catchUp(t)
	if n := len(s.attempts()["try"]); n != 1 {
		t.Errorf("there are %d attempts while the first may run, want that alone", n)
	}
	deletePod(t, s.env, pod)
	c.wantExit(t, cli.ExitSucceeded)
	t.Logf("the run succeeded %s after the kubelet was killed", time.Since(killed).Round(time.Second))
	if processOf(t, pod.UID) == 0 {
		t.Error("the process of the first attempt has ended: this shows nothing of a node that is out of reach")
	}
	s.wantAttempts(t, "try", []pipeline.Outcome{pipeline.Lost})
	s.wantNoOverlap(t, "try")
	second.startKubelet(t)
	second.waitUntilEmpty(t)
}
