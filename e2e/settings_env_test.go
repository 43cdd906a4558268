package e2e

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestEnv has a step read what a Secret and the settings make variables of. The settings name the variable that is in
// both, and win.
func TestEnv(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "keys"},
		StringData: map[string]string{"TOKEN": "open sesame", "MODE": "slow"},
	}
	if _, err := e.client.CoreV1().Secrets(e.namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c := e.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{
		EnvFrom: []corev1.EnvFromSource{{
			SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: secret.Name}},
		}},
		Env: []corev1.EnvVar{{Name: "MODE", Value: "fast"}},
	}}, lookingAt(t, nil, []string{"TOKEN", "MODE"})...))
	c.wantExit(t, cli.ExitSucceeded)
	c.wantSeen(t, nil, map[string]string{"TOKEN": "open sesame", "MODE": "fast"})
}
