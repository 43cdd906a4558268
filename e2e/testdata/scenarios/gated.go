package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	pipeline "github.com/org/k8sorch"
)

// gated has a step whose pod is held back by a scheduling gate until the test removes it, and one whose pod fits no node.
// Both have about the time that a pod takes to start on a busy machine.
func gated() *pipeline.Pipeline {
	one := func(context.Context) (int, error) { return 1, nil }
	gates := map[string]any{"scheduling_gates": []corev1.PodSchedulingGate{{Name: "example.com/hold"}}}
	gated := pipeline.Func0("gated", one).Settings(pipeline.KubernetesOrchestratorSettings{
		PodStartupTimeout: new(12), PodSettings: &pipeline.KubernetesPodSettings{AdditionalPodSpecArgs: gates},
	})
	unplaced := pipeline.Func0("unplaced", one).Settings(holding("node")).Settings(pipeline.KubernetesOrchestratorSettings{
		PodStartupTimeout: new(13), PodFailureMaxRetries: new(0),
	})
	return pipeline.New("gated").Step(gated, unplaced)
}
