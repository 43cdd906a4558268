package e2e

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/org/k8sorch/cli"
)

// TestTwentyOrchestratorsAreKilled kills one orchestrator after the other, each at a step further: as soon as the step's
// pod exists, when it runs, or when its result is recorded. The Job's own orchestrator sleeps through all of that, and
// goes on afterwards where the last one was.
func TestTwentyOrchestratorsAreKilled(t *testing.T) {
	t.Parallel()
	requireParts(t)
	if os.Getenv("K8SORCH_E2E_FULL") == "" {
		t.Skip("twenty orchestrators take a minute to start; set K8SORCH_E2E_FULL")
	}
	s := newScene(t)
	c := s.start(t, twentySteps().command(t, time.Second))
	first := s.orchestrator(t, 1)
	signalPod(t, first.UID, syscall.SIGSTOP)
	for i := range twentySteps().depth {
		second := s.createTwin(t, first, fmt.Sprintf("%s-%d", first.Name, i))
		signal := waitForProcess(t, second.UID)
		switch step := stepOf(i, 0); i % 3 {
		case 0:
			s.pods.first(t, "step "+step+" has a pod", func(c change[*corev1.Pod]) bool { return isStep(step)(c.object) })
		case 1:
			s.running(t, step)
		default:
			s.succeeded(t, step)
		}
		signal(syscall.SIGKILL)
	}
	signalPod(t, first.UID, syscall.SIGCONT)
	c.wantExit(t, cli.ExitSucceeded)
	s.wantSound(t, twentySteps())
	if n := len(s.pods.last(isOrchestrator)); n != 1 {
		t.Errorf("the Job has had %d orchestrators, want the one that slept", n)
	}
}

// TestOrchestratorIsKilledThreeTimes kills those that the Job starts, one in each layer of steps. The Job waits longer
// before each, as Jobs do.
func TestOrchestratorIsKilledThreeTimes(t *testing.T) {
	t.Parallel()
	requireParts(t)
	if os.Getenv("K8SORCH_E2E_FULL") == "" {
		t.Skip("the Job controller takes a minute to start so many; set K8SORCH_E2E_FULL")
	}
	s := newScene(t)
	c := s.start(t, fourLayers().command(t, 3*time.Second))
	began := time.Now()
	for layer := range 3 {
		pod := s.orchestrator(t, layer+1)
		s.running(t, stepOf(layer, 0))
		signalPod(t, pod.UID, syscall.SIGKILL)
		t.Logf("orchestrator %d was killed %s after the start", layer+1, time.Since(began).Round(time.Second))
	}
	c.wantExit(t, cli.ExitSucceeded)
	t.Logf("the run ended %s after the start", time.Since(began).Round(time.Second))
	s.wantSound(t, fourLayers())
	if n := len(s.pods.last(isOrchestrator)); n != 4 {
		t.Errorf("there were %d orchestrators, want the three that were killed and the last", n)
	}
}

// orchestrator waits until the Job's orchestrator of this number runs.
func (s *scene) orchestrator(t *testing.T, number int) *corev1.Pod {
	t.Helper()
	var found *corev1.Pod
	s.pods.until(t, fmt.Sprintf("orchestrator %d runs", number), func(changes []change[*corev1.Pod]) bool {
		ran := map[types.UID]bool{}
		for _, c := range changes {
			if isOrchestrator(c.object) && c.object.Status.Phase == corev1.PodRunning && !ran[c.object.UID] {
				ran[c.object.UID], found = true, c.object
			}
		}
		return len(ran) == number
	})
	return found
}

// createTwin gives the run another orchestrator, which is not its Job's.
func (s *scene) createTwin(t *testing.T, of *corev1.Pod, name string) *corev1.Pod {
	t.Helper()
	pod := twin(of)
	pod.Name = name
	pod, err := s.client.CoreV1().Pods(s.namespace).Create(t.Context(), pod, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return pod
}

// waitForProcess waits until a pod's process runs and returns what sends it a signal.
func waitForProcess(t *testing.T, uid types.UID) func(syscall.Signal) {
	t.Helper()
	pid := 0
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		pid = processOf(t, uid)
		return pid != 0, nil
	})
	if err != nil {
		t.Fatalf("no process has the variable K8SORCH_UID=%s", uid)
	}
	return func(signal syscall.Signal) {
		if err := syscall.Kill(pid, signal); err != nil {
			t.Fatal(err)
		}
	}
}

// signalPod sends a signal to the process of a pod that runs.
func signalPod(t *testing.T, uid types.UID, signal syscall.Signal) {
	t.Helper()
	waitForProcess(t, uid)(signal)
}
