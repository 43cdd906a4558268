package e2e

import (
	"encoding/json"
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
	return output(program, "--dir", programDir())
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
	if got := len(s.attempts()); got != 8 {
		t.Errorf("%d steps had pods, want 8", got)
	}
	for _, pod := range s.pods.last(func(pod *corev1.Pod) bool { return pod.Labels[labelStep] != "" }) {
		if got := strings.Contains(terminationMessage(pod), `"recorded":true`); got != records {
			t.Errorf("pod %s made its record: %t, want %t; it left the message %q", pod.Name, got, records, terminationMessage(pod))
		}
	}
	for _, cm := range s.records.last(isRecord("result")) {
		if len(cm.BinaryData) != 0 {
			t.Errorf("record %s carries its value of 5 MB", cm.Name)
		}
	}
}

// terminationMessage is what the pod's main container left when it ended.
func terminationMessage(pod *corev1.Pod) string {
	for _, c := range pod.Status.ContainerStatuses {
		if c.Name == "main" && c.State.Terminated != nil {
			return c.State.Terminated.Message
		}
	}
	return ""
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
	text, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	return given.SettingsVariable + "=" + string(text)
}
