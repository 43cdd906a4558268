package e2e

import (
	"bytes"
	"os"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/org/k8sorch/cli"
)

// TestOrchestratorIsKilled takes the orchestrator away in the middle of the quickstart. The next one goes on, and the
// steps do not notice.
func TestOrchestratorIsKilled(t *testing.T) {
	t.Parallel()
	for name, kill := range map[string]func(*testing.T, *scene, *corev1.Pod){
		"by SIGKILL":   func(t *testing.T, _ *scene, pod *corev1.Pod) { killProcess(t, pod.UID) },
		"by eviction":  func(t *testing.T, s *scene, pod *corev1.Pod) { evictPod(t, s.env, pod) },
		"with its pod": func(t *testing.T, s *scene, pod *corev1.Pod) { deletePod(t, s.env, pod) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c := s.start(t, command{program: built(t, buildQuickstart)})
			s.succeeded(t, "split")
			kill(t, s, s.pods.last(isOrchestrator)[0])
			c.wantExit(t, cli.ExitSucceeded)
			wantReport(t, c)
			s.wantOnePodPerStep(t)
			if n := len(s.pods.last(isOrchestrator)); n != 2 {
				t.Errorf("there were %d orchestrators, want the one that was killed and the next", n)
			}
		})
	}
}

// killProcess kills the process of a pod's main container, which is the one that knows the pod's UID.
func killProcess(t *testing.T, uid types.UID) {
	t.Helper()
	pid := processOf(t, uid)
	if pid == 0 && os.Getenv(stateVariable) == "" {
		t.Skip("the processes of this cluster's pods are not on this machine")
	}
	if pid == 0 {
		t.Fatalf("no process has the variable K8SORCH_UID=%s", uid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// processOf returns the id of the process that runs in a pod; 0 when it is not found.
func processOf(t *testing.T, uid types.UID) int {
	t.Helper()
	return firstOf(processes(t, func(p process) bool {
		return bytes.Contains(p.read("environ"), []byte("\x00K8SORCH_UID="+string(uid)+"\x00"))
	}))
}
