package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// runWith runs the pipeline on a cluster that has the Secret.
func runWith(t *testing.T, opts ...pipeline.RunOption) *k8sorchtest.Cluster {
	t.Helper()
	p, _ := settings()
	c := k8sorchtest.New(t, p)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "database"}, Data: map[string][]byte{"password": []byte("secret")}}
	if _, err := c.Clientset().CoreV1().Secrets(k8sorchtest.Namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Run(t.Context(), p, opts...); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPodsOfTheSteps looks at the pods: the settings of the step, of the run's file and of the pipeline have met there.
func TestPodsOfTheSteps(t *testing.T) {
	t.Parallel()
	ofTheRun, err := pipeline.LoadSettings("cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := runWith(t, pipeline.RunSettings(ofTheRun))
	pod := c.Pods("train")[0]
	container := pod.Spec.Containers[0]
	limits, requests := container.Resources.Limits, container.Resources.Requests
	got := map[string]string{
		"GPUs": limits.Name("nvidia.com/gpu", "").String(), "memory": limits.Memory().String(), "CPU": requests.Cpu().String(),
		"node": pod.Spec.NodeSelector["gpu"], "team": pod.Labels["team"],
		"pull secret": pod.Spec.ImagePullSecrets[0].Name,
	}
	want := map[string]string{"GPUs": "1", "memory": "8Gi", "CPU": "100m", "node": "a100", "team": "data", "pull secret": "registry"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pod of train (-want +got):\n%s", diff)
	}
}

func TestPasswordIsGivenByReference(t *testing.T) {
	t.Parallel()
	var got []corev1.EnvVar
	for _, variable := range runWith(t).Pods("read")[0].Spec.Containers[0].Env {
		if variable.Name == "DB_PASSWORD" {
			got = append(got, variable)
		}
	}
	if diff := cmp.Diff(withPassword.PodSettings.Env, got); diff != "" {
		t.Errorf("the variable of the pod (-want +got):\n%s", diff)
	}
}
