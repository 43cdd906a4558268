package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// TestPodsOfTheSteps looks at the pods: the settings of the step, of the run's file and of the pipeline have met there.
func TestPodsOfTheSteps(t *testing.T) {
	t.Parallel()
	ofTheRun, err := pipeline.LoadSettings("cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, _ := settings()
	c := k8sorchtest.New(t, p)
	if _, err := c.Run(t.Context(), p, pipeline.RunSettings(ofTheRun)); err != nil {
		t.Fatal(err)
	}
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
	p, _ := settings()
	c := k8sorchtest.New(t, p)
	if _, err := c.Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for _, variable := range c.Pods("read")[0].Spec.Containers[0].Env {
		if variable.Name == "DB_PASSWORD" && (variable.Value != "" || variable.ValueFrom.SecretKeyRef.Name != "database") {
			t.Errorf("the password comes as %v, want it by reference", variable)
		}
	}
}
