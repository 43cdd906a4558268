package e2e

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/e2e/testdata/given"
)

var buildDiamond = sync.OnceValues(func() (string, error) { return build(".", "./testdata/diamond") })

// diamondOnThisMachine is what the diamond prints when its steps are child processes, whose artifacts are in a directory.
var diamondOnThisMachine = sync.OnceValues(func() (string, error) {
	program, err := buildDiamond()
	if err != nil {
		return "", err
	}
	out, err := exec.Command(program, "--dir", filepath.Dir(program)).Output()
	return string(out), err
})

// TestDiamond hands 5 MB from step to step through a bucket: with the generated service account, whose steps make their
// records, and with accounts that may not, so that records travel through the termination message.
func TestDiamond(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		account *corev1.ServiceAccount
		records bool
	}{
		"generated account":     {nil, true},
		"account without role":  {&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "rightless"}}, false},
		"account without token": {&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "tokenless"}, AutomountServiceAccountToken: new(false)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			bucket := s.newBucket(t)
			settings := bucket.settings()
			if test.account != nil {
				s.makeAccount(t, test.account)
				settings.StepPodServiceAccountName = &test.account.Name
			}
			env := append(bucket.env(t, s.env), withSettings(t, settings))
			c := s.start(t, command{program: built(t, buildDiamond), env: env, args: []string{"--artifacts", bucketURL}})
			c.wantExit(t, cli.ExitSucceeded)
			want, err := diamondOnThisMachine()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, c.stdout.String()); diff != "" {
				t.Errorf("results, compared with those of child processes (-want +got):\n%s", diff)
			}
			s.wantDiamondPods(t, test.records)
		})
	}
}

// wantDiamondPods fails the test unless each step had one pod, which made its own record where it may, and the values
// went where they belong.
func (s *scene) wantDiamondPods(t *testing.T, records bool) {
	t.Helper()
	messages := s.terminationMessages(t)
	if len(messages) != 8 {
		t.Errorf("%d pods had steps, want 8", len(messages))
	}
	for pod, message := range messages {
		if got := strings.Contains(message, `"recorded":true`); got != records {
			t.Errorf("pod %s made its record: %t, want %t; it left the message %q", pod, got, records, message)
		}
	}
	for _, cm := range s.records.last(isRecord("result")) {
		if len(cm.BinaryData) != 0 {
			t.Errorf("record %s carries its value of 5 MB", cm.Name)
		}
	}
}

// terminationMessages waits until the pods of all steps have ended and returns what they left.
func (s *scene) terminationMessages(t *testing.T) map[string]string {
	t.Helper()
	messages := map[string]string{}
	s.pods.until(t, "the pods of the steps have ended", func([]change[*corev1.Pod]) bool {
		pods := s.pods.last(func(pod *corev1.Pod) bool { return pod.Labels[labelStep] != "" })
		for _, pod := range pods {
			if exit := mainExit(pod); exit != nil {
				messages[pod.Name] = exit.Message
			}
		}
		return len(messages) == len(pods)
	})
	return messages
}

// mainExit is how the pod's main container ended; nil while it has not.
func mainExit(pod *corev1.Pod) *corev1.ContainerStateTerminated {
	for _, c := range pod.Status.ContainerStatuses {
		if c.Name == "main" {
			return c.State.Terminated
		}
	}
	return nil
}

func (e *env) makeAccount(t *testing.T, account *corev1.ServiceAccount) {
	t.Helper()
	if _, err := e.client.CoreV1().ServiceAccounts(e.namespace).Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// withSettings returns the variable that gives a test's program its settings.
func withSettings(t *testing.T, settings pipeline.KubernetesOrchestratorSettings) string {
	t.Helper()
	return settingsIn(t, given.SettingsVariable, settings)
}

// withStepSettings returns the variable that gives one step of a test's program its settings.
func withStepSettings(t *testing.T, settings pipeline.KubernetesOrchestratorSettings) string {
	t.Helper()
	return settingsIn(t, given.StepSettingsVariable, settings)
}

func settingsIn(t *testing.T, variable string, settings pipeline.KubernetesOrchestratorSettings) string {
	t.Helper()
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	return variable + "=" + string(text)
}
