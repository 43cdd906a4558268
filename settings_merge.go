package pipeline

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// mergeSettings returns base with everything that top sets put over it. It is associative, and the zero value changes
// nothing but the spelling of additional arguments, which come out as Kubernetes spells them. Mistakes in either are
// kept for problems to find.
func mergeSettings(base, top KubernetesOrchestratorSettings) KubernetesOrchestratorSettings {
	image, baseImage := base.Image, base.BaseImage
	if top.Image != nil || top.BaseImage != nil {
		image, baseImage = top.Image, top.BaseImage
	}
	return KubernetesOrchestratorSettings{
		PodSettings:                      mergePodSettings(base.PodSettings, top.PodSettings),
		OrchestratorPodSettings:          mergePodSettings(base.OrchestratorPodSettings, top.OrchestratorPodSettings),
		Synchronous:                      cmp.Or(top.Synchronous, base.Synchronous),
		Timeout:                          cmp.Or(top.Timeout, base.Timeout),
		RunDeadline:                      cmp.Or(top.RunDeadline, base.RunDeadline),
		StreamStepLogs:                   cmp.Or(top.StreamStepLogs, base.StreamStepLogs),
		ServiceAccountName:               cmp.Or(top.ServiceAccountName, base.ServiceAccountName),
		StepPodServiceAccountName:        cmp.Or(top.StepPodServiceAccountName, base.StepPodServiceAccountName),
		StepAccountTokenInEnv:            cmp.Or(top.StepAccountTokenInEnv, base.StepAccountTokenInEnv),
		Privileged:                       cmp.Or(top.Privileged, base.Privileged),
		Image:                            image,
		BaseImage:                        baseImage,
		PodNamePrefix:                    cmp.Or(top.PodNamePrefix, base.PodNamePrefix),
		ExecutionMode:                    cmp.Or(top.ExecutionMode, base.ExecutionMode),
		MaxParallelism:                   cmp.Or(top.MaxParallelism, base.MaxParallelism),
		ParallelStepStartupWaitingPeriod: cmp.Or(top.ParallelStepStartupWaitingPeriod, base.ParallelStepStartupWaitingPeriod),
		PodStartupTimeout:                cmp.Or(top.PodStartupTimeout, base.PodStartupTimeout),
		PodFailureMaxRetries:             cmp.Or(top.PodFailureMaxRetries, base.PodFailureMaxRetries),
		PodFailureRetryDelay:             cmp.Or(top.PodFailureRetryDelay, base.PodFailureRetryDelay),
		PodFailureBackoff:                cmp.Or(top.PodFailureBackoff, base.PodFailureBackoff),
		BackoffLimitMargin:               cmp.Or(top.BackoffLimitMargin, base.BackoffLimitMargin),
		FailOnContainerWaitingReasons:    replaceList(base.FailOnContainerWaitingReasons, top.FailOnContainerWaitingReasons),
		JobMonitoringInterval:            cmp.Or(top.JobMonitoringInterval, base.JobMonitoringInterval),
		OrchestratorJobBackoffLimit:      cmp.Or(top.OrchestratorJobBackoffLimit, base.OrchestratorJobBackoffLimit),
		SuccessfulJobsHistoryLimit:       cmp.Or(top.SuccessfulJobsHistoryLimit, base.SuccessfulJobsHistoryLimit),
		FailedJobsHistoryLimit:           cmp.Or(top.FailedJobsHistoryLimit, base.FailedJobsHistoryLimit),
		TTLSecondsAfterFinished:          cmp.Or(top.TTLSecondsAfterFinished, base.TTLSecondsAfterFinished),
		PodStopGracePeriod:               cmp.Or(top.PodStopGracePeriod, base.PodStopGracePeriod),
		PodForceDeletionTimeout:          cmp.Or(top.PodForceDeletionTimeout, base.PodForceDeletionTimeout),
		ActiveDeadlineSeconds:            cmp.Or(top.ActiveDeadlineSeconds, base.ActiveDeadlineSeconds),
		StepTimeout:                      cmp.Or(top.StepTimeout, base.StepTimeout),
		PodFailurePolicy:                 cmp.Or(top.PodFailurePolicy, base.PodFailurePolicy).DeepCopy(),
		SkipOwnerReferences:              cmp.Or(top.SkipOwnerReferences, base.SkipOwnerReferences),
		EnableCache:                      cmp.Or(top.EnableCache, base.EnableCache),
		CacheVersion:                     cmp.Or(top.CacheVersion, base.CacheVersion),
		CacheExpiration:                  cmp.Or(top.CacheExpiration, base.CacheExpiration),
		PreventOrchestratorPodCaching:    cmp.Or(top.PreventOrchestratorPodCaching, base.PreventOrchestratorPodCaching),
	}
}

func mergePodSettings(base, top *KubernetesPodSettings) *KubernetesPodSettings {
	if base == nil && top == nil {
		return nil
	}
	b, t := orDefault(base, KubernetesPodSettings{}), orDefault(top, KubernetesPodSettings{})
	return &KubernetesPodSettings{
		NodeSelectors:            mergeMap(b.NodeSelectors, t.NodeSelectors),
		Labels:                   mergeMap(b.Labels, t.Labels),
		Annotations:              mergeMap(b.Annotations, t.Annotations),
		Affinity:                 mergeObject(b.Affinity, t.Affinity),
		Tolerations:              replaceList(b.Tolerations, t.Tolerations),
		Resources:                mergeObject(b.Resources, t.Resources),
		Volumes:                  mergeList(b.Volumes, t.Volumes, func(v corev1.Volume) string { return v.Name }),
		VolumeMounts:             mergeList(b.VolumeMounts, t.VolumeMounts, func(m corev1.VolumeMount) string { return m.MountPath }),
		Env:                      mergeList(b.Env, t.Env, func(v corev1.EnvVar) string { return v.Name }),
		EnvFrom:                  replaceList(b.EnvFrom, t.EnvFrom),
		HostIPC:                  cmp.Or(t.HostIPC, b.HostIPC),
		ImagePullSecrets:         mergeList(b.ImagePullSecrets, t.ImagePullSecrets, func(name string) string { return name }),
		SchedulerName:            cmp.Or(t.SchedulerName, b.SchedulerName),
		ContainerSecurityContext: mergeObject(b.ContainerSecurityContext, t.ContainerSecurityContext),
		AdditionalPodSpecArgs:    mergeArgs(b.AdditionalPodSpecArgs, t.AdditionalPodSpecArgs),
	}
}

// orDefault returns what p points to, or def where the setting was left out.
func orDefault[T any](p *T, def T) T {
	if p == nil {
		return def
	}
	return *p
}

func mergeMap(base, top map[string]string) map[string]string {
	if base == nil {
		return maps.Clone(top)
	}
	merged := maps.Clone(base)
	maps.Copy(merged, top)
	return merged
}

// mergeList replaces the items of base that have the same key as one of top, and appends the others.
func mergeList[T any](base, top []T, key func(T) string) []T {
	if base == nil {
		return slices.Clone(top)
	}
	merged := slices.Clone(base)
	for _, item := range top {
		same := func(other T) bool { return key(other) == key(item) }
		if i := slices.IndexFunc(merged, same); i >= 0 {
			merged[i] = item
		} else {
			merged = append(merged, item)
		}
	}
	return merged
}

// replaceList lets an empty list that is not nil take back what was inherited.
func replaceList[T any](base, top []T) []T {
	if top != nil {
		return slices.Clone(top)
	}
	return slices.Clone(base)
}
