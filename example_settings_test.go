package pipeline_test

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/org/k8sorch"
)

var kubernetesSettings = pipeline.KubernetesOrchestratorSettings{
	PodSettings: &pipeline.KubernetesPodSettings{
		NodeSelectors: map[string]string{
			"cloud.google.com/gke-nodepool": "ml-pool",
			"kubernetes.io/arch":            "amd64",
		},
		Affinity: &corev1.Affinity{
			NodeAffinity: &corev1.NodeAffinity{
				RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
					NodeSelectorTerms: []corev1.NodeSelectorTerm{{
						MatchExpressions: []corev1.NodeSelectorRequirement{{
							Key:      "gpu-type",
							Operator: corev1.NodeSelectorOpIn,
							Values:   []string{"nvidia-tesla-v100", "nvidia-tesla-p100"},
						}},
					}},
				},
			},
		},
		Tolerations: []corev1.Toleration{
			{Key: "gpu", Operator: corev1.TolerationOpEqual, Value: "present", Effect: corev1.TaintEffectNoSchedule},
			{Key: "high-priority", Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectPreferNoSchedule},
		},
		Resources: &corev1.ResourceRequirements{
			Requests: corev1.ResourceList{
				"cpu":            resource.MustParse("2"),
				"memory":         resource.MustParse("4Gi"),
				"nvidia.com/gpu": resource.MustParse("1"),
			},
			Limits: corev1.ResourceList{
				"cpu":            resource.MustParse("4"),
				"memory":         resource.MustParse("8Gi"),
				"nvidia.com/gpu": resource.MustParse("1"),
			},
		},
		Annotations: map[string]string{
			"prometheus.io/scrape": "true",
			"prometheus.io/port":   "8080",
		},
		Volumes: []corev1.Volume{
			{Name: "data-volume", VolumeSource: corev1.VolumeSource{
				PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "ml-data-pvc"},
			}},
			{Name: "config-volume", VolumeSource: corev1.VolumeSource{
				ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "ml-config"}},
			}},
		},
		VolumeMounts: []corev1.VolumeMount{
			{Name: "data-volume", MountPath: "/mnt/data"},
			{Name: "config-volume", MountPath: "/etc/ml-config", ReadOnly: true},
		},
		Env: []corev1.EnvVar{
			{Name: "MY_ENVIRONMENT_VARIABLE", Value: "1"},
		},
		EnvFrom: []corev1.EnvFromSource{
			{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "secret-name"}}},
		},
		HostIPC:          new(true),
		ImagePullSecrets: []string{"regcred", "gcr-secret"},
		Labels: map[string]string{
			"app":         "ml-pipeline",
			"environment": "production",
			"team":        "data-science",
		},
		// Any further field of a PodSpec, such as a deadline after which the pod is killed.
		AdditionalPodSpecArgs: map[string]any{
			"active_deadline_seconds": 30,
		},
	},
	OrchestratorPodSettings: &pipeline.KubernetesPodSettings{
		NodeSelectors: map[string]string{
			"cloud.google.com/gke-nodepool": "orchestrator-pool",
		},
		Resources: &corev1.ResourceRequirements{
			Requests: corev1.ResourceList{
				"cpu":    resource.MustParse("1"),
				"memory": resource.MustParse("2Gi"),
			},
			Limits: corev1.ResourceList{
				"cpu":    resource.MustParse("2"),
				"memory": resource.MustParse("4Gi"),
			},
		},
		Labels: map[string]string{
			"app":       "pipeline-orchestrator",
			"component": "pipeline-runner",
		},
	},
	ServiceAccountName: new("pipeline-runner"),
}

var onGPU = pipeline.KubernetesOrchestratorSettings{
	PodSettings: &pipeline.KubernetesPodSettings{
		NodeSelectors: map[string]string{
			"cloud.google.com/gke-nodepool": "gpu-pool",
		},
		Tolerations: []corev1.Toleration{
			{Key: "gpu", Operator: corev1.TolerationOpEqual, Value: "present", Effect: corev1.TaintEffectNoSchedule},
		},
	},
}

func loadData(_ context.Context, rows int) ([]float64, error) { return make([]float64, rows), nil }

func trainModel(_ context.Context, data []float64) (int, error) { return len(data), nil }

// Settings of a pipeline, and those of one step that refine them.
func ExampleKubernetesOrchestratorSettings() {
	rows := pipeline.Param("rows", 1000)
	data := pipeline.Func("load-data", loadData, rows)
	model := pipeline.Func("train-model", trainModel, data).Settings(onGPU)
	p := pipeline.New("my-kubernetes-pipeline").Settings(kubernetesSettings).Step(model)
	fmt.Println(p.Validate())
	// Output: <nil>
}
