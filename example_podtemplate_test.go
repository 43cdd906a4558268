package pipeline_test

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	pipeline "github.com/org/k8sorch"
)

// Every pod of a step gets a user namespace, and the orchestrator's none.
func ExampleWithPodTemplate() {
	train := pipeline.Func0("train", func(context.Context) (float64, error) { return 0.5, nil })
	p := pipeline.New("example").Step(train).Settings(pipeline.KubernetesOrchestratorSettings{Image: new("registry.example/train:1")})

	o := pipeline.NewOrchestrator(pipeline.Config{}, pipeline.WithPodTemplate(func(step string, template *corev1.PodTemplateSpec) {
		if step != "" {
			template.Spec.HostUsers = new(false)
		}
	}))
	objects, err := o.Render(context.Background(), p)
	fmt.Println(strings.Count(string(objects), "hostUsers: false"), err)
	// Output: 1 <nil>
}
