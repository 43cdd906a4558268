package pipeline

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// settingRow is one field of the settings with values it may have. The golden file of the row shows what the first one
// changes.
type settingRow struct {
	field  string
	values []KubernetesOrchestratorSettings
	// forRun tells that the field cannot be set on a step.
	forRun bool
	// given are the settings under which the field has its effect; none for most.
	given KubernetesOrchestratorSettings
	// behaviour names the test that shows what the field does, where that is nothing in what is rendered.
	behaviour string
}

// cached are settings with which all steps are cached.
func cached() KubernetesOrchestratorSettings {
	return KubernetesOrchestratorSettings{EnableCache: new(true)}
}

// settingRows has a row for each field, those of pods once for steps and once for the orchestrator.
func settingRows() []settingRow {
	rows := append(stepSettingRows(), runSettingRows()...)
	for _, pod := range podSettingRows() {
		step := settingRow{field: "PodSettings." + pod.field}
		orchestrator := settingRow{field: "OrchestratorPodSettings." + pod.field, forRun: true}
		for _, value := range pod.values {
			step.values = append(step.values, KubernetesOrchestratorSettings{PodSettings: &value})
			orchestrator.values = append(orchestrator.values, KubernetesOrchestratorSettings{OrchestratorPodSettings: &value})
		}
		rows = append(rows, step, orchestrator)
	}
	return rows
}

func stepSettingRows() []settingRow {
	return []settingRow{
		{field: "StepPodServiceAccountName", values: []KubernetesOrchestratorSettings{
			{StepPodServiceAccountName: new("trainer")}, {StepPodServiceAccountName: new("loader")},
		}},
		{field: "StepAccountTokenInEnv", values: []KubernetesOrchestratorSettings{
			{StepAccountTokenInEnv: new(true)}, {StepAccountTokenInEnv: new(false)},
		}},
		{field: "Privileged", values: []KubernetesOrchestratorSettings{{Privileged: new(true)}, {Privileged: new(false)}}},
		{field: "Image", values: []KubernetesOrchestratorSettings{{Image: new("registry.example/cuda:12")}, {Image: new("busybox")}}},
		{field: "BaseImage", values: []KubernetesOrchestratorSettings{{BaseImage: new("debian:13")}, {BaseImage: new("ubuntu:26.04")}}},
		{field: "PodStartupTimeout", values: []KubernetesOrchestratorSettings{{PodStartupTimeout: new(60)}, {PodStartupTimeout: new(0)}}},
		{field: "PodFailureMaxRetries", values: []KubernetesOrchestratorSettings{{PodFailureMaxRetries: new(7)}, {PodFailureMaxRetries: new(0)}}},
		{field: "PodFailureRetryDelay", values: []KubernetesOrchestratorSettings{{PodFailureRetryDelay: new(5)}, {PodFailureRetryDelay: new(0)}}},
		{field: "PodFailureBackoff", values: []KubernetesOrchestratorSettings{{PodFailureBackoff: new(1.5)}, {PodFailureBackoff: new(2.0)}}},
		{field: "BackoffLimitMargin", values: []KubernetesOrchestratorSettings{{BackoffLimitMargin: new(4)}, {BackoffLimitMargin: new(0)}}},
		{field: "FailOnContainerWaitingReasons", values: []KubernetesOrchestratorSettings{
			{FailOnContainerWaitingReasons: []string{"CrashLoopBackOff", "ErrImagePull"}}, {FailOnContainerWaitingReasons: []string{}},
		}},
		{field: "PodStopGracePeriod", values: []KubernetesOrchestratorSettings{{PodStopGracePeriod: new(120)}, {PodStopGracePeriod: new(0)}}},
		{field: "PodForceDeletionTimeout", values: []KubernetesOrchestratorSettings{
			{PodForceDeletionTimeout: new(300)}, {PodForceDeletionTimeout: new(0)},
		}},
		{field: "ActiveDeadlineSeconds", values: []KubernetesOrchestratorSettings{{ActiveDeadlineSeconds: new(90)}, {ActiveDeadlineSeconds: new(1)}}},
		{field: "StepTimeout", values: []KubernetesOrchestratorSettings{{StepTimeout: new(7200)}, {StepTimeout: new(0)}}},
		{field: "PodFailurePolicy", values: []KubernetesOrchestratorSettings{
			{PodFailurePolicy: failurePolicy(batchv1.PodFailurePolicyActionFailJob, 42)}, {PodFailurePolicy: &batchv1.PodFailurePolicy{}},
		}},
		{field: "EnableCache", values: []KubernetesOrchestratorSettings{{EnableCache: new(true)}, {EnableCache: new(false)}}},
		{field: "CacheVersion", given: cached(), values: []KubernetesOrchestratorSettings{{CacheVersion: new("2")}, {CacheVersion: new("3")}}},
		{field: "CacheExpiration", given: cached(), values: []KubernetesOrchestratorSettings{{CacheExpiration: new(3600)}, {CacheExpiration: new(0)}}},
	}
}

func runSettingRows() []settingRow {
	return []settingRow{
		{field: "Synchronous", forRun: true, behaviour: "TestAsynchronousRunReturnsOnceSubmitted", values: []KubernetesOrchestratorSettings{
			{Synchronous: new(false)}, {Synchronous: new(true)},
		}},
		{field: "Timeout", forRun: true, behaviour: "TestTimeoutEndsTheWaitNotTheRun", values: []KubernetesOrchestratorSettings{
			{Timeout: new(60)}, {Timeout: new(0)},
		}},
		{field: "RunDeadline", forRun: true, values: []KubernetesOrchestratorSettings{{RunDeadline: new(7200)}, {RunDeadline: new(0)}}},
		{field: "StreamStepLogs", forRun: true, behaviour: "TestLogsAreNotStreamedWhenTurnedOff", values: []KubernetesOrchestratorSettings{
			{StreamStepLogs: new(false)}, {StreamStepLogs: new(true)},
		}},
		{field: "ServiceAccountName", forRun: true, values: []KubernetesOrchestratorSettings{
			{ServiceAccountName: new("runner")}, {ServiceAccountName: new("walker")},
		}},
		{field: "PodNamePrefix", forRun: true, values: []KubernetesOrchestratorSettings{{PodNamePrefix: new("team-a")}, {PodNamePrefix: new("team-b")}}},
		{field: "ExecutionMode", forRun: true, values: []KubernetesOrchestratorSettings{{ExecutionMode: new(FailFast)}, {ExecutionMode: new(StopOnFailure)}}},
		{field: "MaxParallelism", forRun: true, values: []KubernetesOrchestratorSettings{{MaxParallelism: new(8)}, {MaxParallelism: new(0)}}},
		{field: "ParallelStepStartupWaitingPeriod", forRun: true, values: []KubernetesOrchestratorSettings{
			{ParallelStepStartupWaitingPeriod: new(0.5)}, {ParallelStepStartupWaitingPeriod: new(0.0)},
		}},
		{field: "JobMonitoringInterval", forRun: true, values: []KubernetesOrchestratorSettings{
			{JobMonitoringInterval: new(3)}, {JobMonitoringInterval: new(60)},
		}},
		{field: "OrchestratorJobBackoffLimit", forRun: true, values: []KubernetesOrchestratorSettings{
			{OrchestratorJobBackoffLimit: new(6)}, {OrchestratorJobBackoffLimit: new(0)},
		}},
		{field: "SuccessfulJobsHistoryLimit", forRun: true, behaviour: "TestRunsBeyondTheHistoryLimitsAreDeleted", values: []KubernetesOrchestratorSettings{
			{SuccessfulJobsHistoryLimit: new(3)}, {SuccessfulJobsHistoryLimit: new(0)},
		}},
		{field: "FailedJobsHistoryLimit", forRun: true, behaviour: "TestRunsBeyondTheHistoryLimitsAreDeleted", values: []KubernetesOrchestratorSettings{
			{FailedJobsHistoryLimit: new(1)}, {FailedJobsHistoryLimit: new(0)},
		}},
		{field: "SkipOwnerReferences", forRun: true, values: []KubernetesOrchestratorSettings{
			{SkipOwnerReferences: new(true)}, {SkipOwnerReferences: new(false)},
		}},
		{field: "PreventOrchestratorPodCaching", forRun: true, given: cached(), values: []KubernetesOrchestratorSettings{
			{PreventOrchestratorPodCaching: new(true)}, {PreventOrchestratorPodCaching: new(false)},
		}},
		{field: "TTLSecondsAfterFinished", forRun: true, values: []KubernetesOrchestratorSettings{
			{TTLSecondsAfterFinished: new(3600)}, {TTLSecondsAfterFinished: new(300)},
		}},
	}
}

// podSettingRow is one field of the settings of a pod.
type podSettingRow struct {
	field  string
	values []KubernetesPodSettings
}

func podSettingRows() []podSettingRow {
	return append(podPlacementRows(), podContainerRows()...)
}

func podPlacementRows() []podSettingRow {
	return []podSettingRow{
		{"NodeSelectors", []KubernetesPodSettings{
			{NodeSelectors: map[string]string{"pool": "gpu"}}, {NodeSelectors: map[string]string{"pool": "cpu", "zone": "b"}},
		}},
		{"Labels", []KubernetesPodSettings{{Labels: map[string]string{"team": "data"}}, {Labels: map[string]string{"team": "ml", "app": "x"}}}},
		{"Annotations", []KubernetesPodSettings{
			{Annotations: map[string]string{"karpenter.sh/do-not-disrupt": "false"}}, {Annotations: map[string]string{"prometheus.io/scrape": "true"}},
		}},
		{"Affinity", []KubernetesPodSettings{
			{Affinity: nodeAffinity("gpu-type", "h100")}, {Affinity: nodeAffinity("disk", "ssd")}, {Affinity: spread("zone")},
		}},
		{"Tolerations", []KubernetesPodSettings{
			{Tolerations: []corev1.Toleration{{Key: "gpu", Operator: corev1.TolerationOpExists}}}, {Tolerations: []corev1.Toleration{}},
		}},
		{"HostIPC", []KubernetesPodSettings{{HostIPC: new(true)}, {HostIPC: new(false)}}},
		{"ImagePullSecrets", []KubernetesPodSettings{{ImagePullSecrets: []string{"regcred"}}, {ImagePullSecrets: []string{"other", "regcred"}}}},
		{"SchedulerName", []KubernetesPodSettings{{SchedulerName: new("volcano")}, {SchedulerName: new("yunikorn")}}},
		{"Volumes", []KubernetesPodSettings{
			{Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}},
			{Volumes: []corev1.Volume{volumeOf("data", "raw"), volumeOf("models", "models")}},
		}},
		{"AdditionalPodSpecArgs", []KubernetesPodSettings{
			{AdditionalPodSpecArgs: map[string]any{
				"active_deadline_seconds": 30,
				"init_containers":         []any{map[string]any{"name": "warm", "image": StepImage, "args": []any{"warm"}}},
			}},
			{AdditionalPodSpecArgs: map[string]any{
				"activeDeadlineSeconds": 60, "hostAliases": []corev1.HostAlias{{IP: "10.0.0.1", Hostnames: []string{"db"}}},
			}},
			{AdditionalPodSpecArgs: map[string]any{
				"initContainers": []corev1.Container{
					{Name: "warm", Image: "busybox", Env: []corev1.EnvVar{{Name: "A", Value: "1"}}}, {Name: "check", Image: "busybox"},
				},
			}},
			{AdditionalPodSpecArgs: map[string]any{
				"security_context": map[string]any{"seccomp_profile": map[string]any{"type": "Localhost", "localhost_profile": "p"}},
			}},
		}},
	}
}

func podContainerRows() []podSettingRow {
	return []podSettingRow{
		{"Resources", []KubernetesPodSettings{
			{Resources: &corev1.ResourceRequirements{Requests: quantities("cpu", "2"), Limits: quantities("memory", "8Gi", "nvidia.com/gpu", "1")}},
			{Resources: &corev1.ResourceRequirements{Requests: quantities("cpu", "500m", "memory", "1Gi")}},
		}},
		{"VolumeMounts", []KubernetesPodSettings{
			{VolumeMounts: []corev1.VolumeMount{{Name: "data", MountPath: "/mnt/data", SubPath: "raw"}}},
			{VolumeMounts: []corev1.VolumeMount{{Name: "models", MountPath: "/models"}, {Name: "data", MountPath: "/mnt/data", ReadOnly: true}}},
			{VolumeMounts: []corev1.VolumeMount{{Name: "models", MountPath: "/mnt/data"}}},
		}},
		{"Env", []KubernetesPodSettings{
			{Env: []corev1.EnvVar{{Name: "MODE", Value: "fast"}}}, {Env: []corev1.EnvVar{{Name: "TOKEN", Value: "t"}, secretEnv("MODE")}},
		}},
		{"EnvFrom", []KubernetesPodSettings{
			{EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: named("keys")}}}},
			{EnvFrom: []corev1.EnvFromSource{}},
		}},
		{"ContainerSecurityContext", []KubernetesPodSettings{
			{ContainerSecurityContext: &corev1.SecurityContext{
				RunAsUser: new(int64(1000)), Capabilities: &corev1.Capabilities{Add: []corev1.Capability{"SYS_PTRACE"}},
			}},
			{ContainerSecurityContext: &corev1.SecurityContext{RunAsUser: new(int64(0)), ReadOnlyRootFilesystem: new(true)}},
			{ContainerSecurityContext: &corev1.SecurityContext{SeccompProfile: seccomp(corev1.SeccompProfileTypeLocalhost, new("p"))}},
			{ContainerSecurityContext: &corev1.SecurityContext{SeccompProfile: seccomp(corev1.SeccompProfileTypeUnconfined, nil)}},
		}},
	}
}

func nodeAffinity(key, value string) *corev1.Affinity {
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{
			MatchExpressions: []corev1.NodeSelectorRequirement{{Key: key, Operator: corev1.NodeSelectorOpIn, Values: []string{value}}},
		}},
	}}}
}

func spread(topologyKey string) *corev1.Affinity {
	return &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{TopologyKey: topologyKey}},
	}}
}

func volumeOf(name, claim string) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
	}}
}

func secretEnv(name string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{
		SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: named("keys"), Key: "k"},
	}}
}

func failurePolicy(action batchv1.PodFailurePolicyAction, codes ...int32) *batchv1.PodFailurePolicy {
	return &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{{
		Action:      action,
		OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: codes},
	}}}
}

func named(name string) corev1.LocalObjectReference { return corev1.LocalObjectReference{Name: name} }

func seccomp(kind corev1.SeccompProfileType, profile *string) *corev1.SeccompProfile {
	return &corev1.SeccompProfile{Type: kind, LocalhostProfile: profile}
}

// quantities reads pairs of a resource and its quantity.
func quantities(pairs ...string) corev1.ResourceList {
	list := corev1.ResourceList{}
	for i := 0; i < len(pairs); i += 2 {
		list[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return list
}
