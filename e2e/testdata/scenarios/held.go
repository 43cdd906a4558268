package main

import (
	"context"
	"os"

	corev1 "k8s.io/api/core/v1"

	pipeline "github.com/org/k8sorch"
)

// held has a step whose pod cannot start. HELD says why, IMAGE is an image that is nowhere.
func held() *pipeline.Pipeline {
	step := pipeline.Func0("held", func(context.Context) (int, error) { return 1, nil })
	return pipeline.New("held").Step(step.Settings(holding(os.Getenv("HELD"))))
}

// holding makes settings with which no pod starts. Pods find them in the plan.
func holding(why string) pipeline.KubernetesOrchestratorSettings {
	missing := os.Getenv("IMAGE")
	switch why {
	case "image":
		return pipeline.KubernetesOrchestratorSettings{Image: &missing}
	case "image soon":
		return pipeline.KubernetesOrchestratorSettings{Image: &missing, PodStartupTimeout: new(20), PodFailureMaxRetries: new(0)}
	case "image never":
		return pipeline.KubernetesOrchestratorSettings{
			Image: &missing, FailOnContainerWaitingReasons: []string{"ErrImageNeverPull"},
			PodSettings: &pipeline.KubernetesPodSettings{AdditionalPodSpecArgs: map[string]any{
				"containers": []corev1.Container{{Name: "main", ImagePullPolicy: corev1.PullNever}},
			}},
		}
	case "node":
		return pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{
			NodeSelectors: map[string]string{"example.com/colour": "purple"},
		}}
	}
	return pipeline.KubernetesOrchestratorSettings{}
}
