package pipeline_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/org/k8sorch"
)

func ExampleLoadSettings() {
	o, err := newOrchestrator("testdata/podspec/specification.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	p := pipeline.New("train").Step(pipeline.Func0("load", loadPoints))
	objects, err := o.Render(context.Background(), p)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range linesWith(objects, "serviceAccountName: ") {
		fmt.Println(line)
	}
	// Output:
	// serviceAccountName: pipeline-runner
	// serviceAccountName: k8sorch-step
}

func newOrchestrator(file string) (*pipeline.Orchestrator, error) {
	settings, err := pipeline.LoadSettings(file)
	if err != nil {
		return nil, err
	}
	return pipeline.NewOrchestrator(pipeline.Config{Registry: "registry.example", Settings: settings}), nil
}

func loadPoints(context.Context) ([]float64, error) { return []float64{1, 2}, nil }

// The four places of settings, from the most general to the most specific.
func ExampleRunSettings() {
	ofTheTeam := pipeline.KubernetesOrchestratorSettings{
		PodSettings: &pipeline.KubernetesPodSettings{Labels: map[string]string{"team": "data", "stage": "dev"}},
	}
	ofThePipeline := pipeline.KubernetesOrchestratorSettings{
		MaxParallelism: new(8),
		PodSettings:    &pipeline.KubernetesPodSettings{Labels: map[string]string{"stage": "test"}},
	}
	ofTheRun := pipeline.KubernetesOrchestratorSettings{MaxParallelism: new(2)}
	ofTheStep := pipeline.KubernetesOrchestratorSettings{
		PodSettings: &pipeline.KubernetesPodSettings{Labels: map[string]string{"team": "training"}},
	}

	data := pipeline.Func0("load", loadPoints)
	model := pipeline.Func("train", trainModel, data).Settings(ofTheStep)
	p := pipeline.New("train").Settings(ofThePipeline).Step(model)
	o := pipeline.NewOrchestrator(pipeline.Config{Registry: "registry.example", Settings: ofTheTeam})
	objects, err := o.Render(context.Background(), p, pipeline.RunSettings(ofTheRun))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range linesWith(objects, "team: ", "stage: ") {
		fmt.Println(line)
	}
	// Output:
	// stage: test
	// team: data
	// stage: test
	// team: training
}

// linesWith returns the lines of a text that begin with one of the words, without what they are indented by.
func linesWith(text []byte, words ...string) (found []string) {
	for line := range strings.Lines(string(text)) {
		for _, word := range words {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, word) {
				found = append(found, line)
			}
		}
	}
	return found
}
