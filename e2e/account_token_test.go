package e2e

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestStepAccountTokenInEnv runs steps whose pods have no volumes, retries one, and deletes the run, with which the Secret goes.
func TestStepAccountTokenInEnv(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	before := whats(s.inventory(t))
	settings := withSettings(t, pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true)})
	c := s.start(t, command{program: built(t, buildFlaky), env: []string{settings}})
	c.wantExit(t, cli.ExitSucceeded)
	wantText(t, c.stdout.String(), "hello after 2 attempts")
	pods, err := s.client.CoreV1().Pods(s.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: labelRole + "=step"})
	if err != nil {
		t.Fatal(err)
	}
	if len(pods.Items) != 3 {
		t.Errorf("there were %d pods of steps, want 3", len(pods.Items))
	}
	for _, pod := range pods.Items {
		if len(pod.Spec.Volumes) > 0 {
			t.Errorf("pod %s has volumes: %v", pod.Name, pod.Spec.Volumes)
		}
	}
	s.wantOneSecret(t)
	if err := s.client.BatchV1().Jobs(s.namespace).Delete(t.Context(), s.job(t).Name, metav1.DeleteOptions{
		PropagationPolicy: new(metav1.DeletePropagationBackground),
	}); err != nil {
		t.Fatal(err)
	}
	s.untilGone(t)
	s.wantOnlyAccountsBeside(t, before)
}

// wantOneSecret fails the test unless the run has one Secret, with the token of one account.
func (s *scene) wantOneSecret(t *testing.T) {
	t.Helper()
	secrets, err := s.client.CoreV1().Secrets(s.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: labelRun + "=" + s.job(t).Name})
	if err != nil {
		t.Fatal(err)
	}
	if len(secrets.Items) != 1 || len(secrets.Items[0].Data) != 1 || secrets.Items[0].Type != corev1.SecretTypeOpaque {
		t.Errorf("Secrets of the run: %v, want one with one token", secrets.Items)
	}
}

// TestStepAccountTokenIsNotLeftInEnv has a step look for the token where others would.
func TestStepAccountTokenIsNotLeftInEnv(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	const token, file = "K8SORCH_ACCOUNT_TOKEN", "/var/run/secrets/kubernetes.io/serviceaccount/token"
	c := e.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true)}, lookingAt(t, nil, []string{token})...))
	c.wantExit(t, cli.ExitSucceeded)
	c.wantSeen(t, nil, map[string]string{token: ""})
	if account := c.report(t).Look.Account; account != "" {
		t.Errorf("the step has found the token of %s in %s", account, file)
	}
}
