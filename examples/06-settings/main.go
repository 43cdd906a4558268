// Settings says what the pods of a pipeline need: resources, nodes with a GPU, a secret, a volume.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// ofThePipeline is for every step: what it requests, and what it may not exceed.
var ofThePipeline = pipeline.KubernetesOrchestratorSettings{
	PodSettings: &pipeline.KubernetesPodSettings{
		Resources: &corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"cpu": resource.MustParse("100m"), "memory": resource.MustParse("64Mi")},
			Limits:   corev1.ResourceList{"memory": resource.MustParse("256Mi")},
		},
		Labels: map[string]string{"team": "data"},
	},
}

// onGPU is for the step that trains. What it does not say comes from the pipeline: its CPU, and its label.
var onGPU = pipeline.KubernetesOrchestratorSettings{
	PodSettings: &pipeline.KubernetesPodSettings{
		NodeSelectors: map[string]string{"gpu": "a100"},
		Tolerations: []corev1.Toleration{
			{Key: "nvidia.com/gpu", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
		},
		Resources: &corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"memory": resource.MustParse("4Gi")},
			Limits:   corev1.ResourceList{"memory": resource.MustParse("8Gi"), "nvidia.com/gpu": resource.MustParse("1")},
		},
	},
}

// withPassword is for the step that reads the database. The password stays in its Secret: the pod only names it.
var withPassword = pipeline.KubernetesOrchestratorSettings{
	PodSettings: &pipeline.KubernetesPodSettings{
		Env: []corev1.EnvVar{{Name: "DB_PASSWORD", ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "database"}, Key: "password"},
		}}},
	},
}

// read stands for a query of a database. Child processes have next to no environment, so there it has sample data.
func read(context.Context) ([]float64, error) {
	if os.Getenv("DB_PASSWORD") == "" {
		return []float64{1, 2, 3}, nil
	}
	return nil, pipeline.Permanent(errors.New("there is no database in this example"))
}

func train(_ context.Context, rows []float64) (mean float64, _ error) {
	for _, row := range rows {
		mean += row / float64(len(rows))
	}
	return mean, nil
}

func settings() (*pipeline.Pipeline, *pipeline.Step[float64]) {
	rows := pipeline.Func0("read", read).Settings(withPassword)
	mean := pipeline.Func("train", train, rows).Settings(onGPU)
	return pipeline.New("settings").Settings(ofThePipeline).Step(mean), mean
}

func main() {
	p, mean := settings()
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		m, err := mean.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Println("the mean is", m)
		return nil
	}))
}
