package pipeline

import (
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// StepImage stands for the image of the step's or the orchestrator's own container. Use it as the image of containers
// in [KubernetesPodSettings.AdditionalPodSpecArgs].
const StepImage = "{{ image }}"

// KubernetesOrchestratorSettings says how a run, or one of its steps, is run on Kubernetes. The zero value sets nothing.
//
// Settings are given in the configuration, on a pipeline, for a run and on a step, and the more specific place, which is
// the later of these, wins. What is nil inherits, so that new(false) and new(0) can take back what was set further out.
// Maps merge by key. Lists of Kubernetes objects merge by the key that Kubernetes merges them by, such as the name of a
// variable: an object replaces the inherited one with its key, and the others stay. A list without such a key replaces
// the inherited one, also when it is empty and not nil.
//
// Fields that say "for the run" cannot be set on a step. Times are in seconds. In JSON and YAML the names are those of
// the tags; [LoadSettings] reads them from a file.
type KubernetesOrchestratorSettings struct {
	// PodSettings shape the pods of the steps.
	PodSettings *KubernetesPodSettings `json:"pod_settings,omitzero"`
	// OrchestratorPodSettings shape the pod that orchestrates, for the run.
	OrchestratorPodSettings *KubernetesPodSettings `json:"orchestrator_pod_settings,omitzero"`
	// Synchronous makes [Orchestrator.Run] wait for the end of the run, for the run. When it is false, Run returns as soon
	// as the run is submitted, with a Run that has no outcome yet. Runs of child processes end with their client, so they
	// are always waited for. The default is true.
	Synchronous *bool `json:"synchronous,omitzero"`
	// Timeout is how long the client waits for the end of a run on Kubernetes, in seconds from the time at which the run
	// was on the cluster, for the run. Then it gives up with [ErrTimeout], and the run goes on. 0 means for ever. The
	// default is 0.
	Timeout *int `json:"timeout,omitzero"`
	// RunDeadline is how long the run may take, in seconds, for the run. What is not over by then is stopped. It counts
	// from the start of the first orchestrator, and goes on when that is replaced, but for the time that the pod of the
	// next one takes to start. A Job that is suspended and resumed, as by Kueue, starts anew. 0 means for ever. The default
	// is 0.
	RunDeadline *int `json:"run_deadline,omitzero"`
	// StreamStepLogs shows what the steps write to their logs while the client waits, for the run. The ends of the logs of
	// steps that failed are shown in any case. Turn it off for wide runs: each log that is followed is a connection through
	// the API server to a node. The default is true.
	StreamStepLogs *bool `json:"stream_step_logs,omitzero"`
	// ServiceAccountName is the account of the orchestrator's pod, for the run. It must exist and may do what the
	// generated one may. The default is the generated account k8sorch-orchestrator.
	ServiceAccountName *string `json:"service_account_name,omitzero"`
	// StepPodServiceAccountName is the account of the steps' pods. One without any rights will do. The default is the
	// generated account k8sorch-step, which may create and get ConfigMaps, and list them where
	// PreventOrchestratorPodCaching calls for it; ServiceAccountName is not its default, since
	// the steps need none of the orchestrator's rights.
	StepPodServiceAccountName *string `json:"step_pod_service_account_name,omitzero"`
	// StepAccountTokenInEnv gives the step's process the token of its account in a variable, by reference to a Secret of the run,
	// in place of the volume in which pods have it, and has it read its plan and its inputs itself, in place of another volume. A
	// pod that has no volumes besides starts 0.3 s sooner, as docs/performance.md shows: the kubelet looks no more often than that
	// whether volumes are there. It is for pipelines of many short steps, and has its price: the token lies in the cluster's store,
	// is good for a day (or less, where the API server grants less), and is not bound to the pod. Who may read Secrets in the
	// namespace may read it. The variable is taken out of the process's environment before the step's function is called; what
	// the function starts does not inherit it, and finds no token in the usual file either. The account must be able to
	// create and get ConfigMaps; the orchestrator's gets the rights to ask for its tokens and to create Secrets. Leave it out for
	// steps that may take longer than a day: a token that is not good any more records nothing, and the value has to fit into the
	// 4096 bytes of a report or go to an artifact store. The default is false.
	StepAccountTokenInEnv *bool `json:"step_account_token_in_env,omitzero"`
	// Privileged runs the step's container as root with every capability and all of the node's devices. The orchestrator
	// is never privileged. The default is false.
	Privileged *bool `json:"privileged,omitzero"`
	// Image is run instead of one that is made of this program. Its entrypoint must be this very program, or one that
	// builds the same pipeline. It takes the place of an inherited BaseImage.
	Image *string `json:"image,omitzero"`
	// BaseImage is the image that this program is put on; its files, environment and labels are kept. It takes the place
	// of an inherited Image. The default is an image with nothing but the certificates of public authorities.
	BaseImage *string `json:"base_image,omitzero"`
	// PodNamePrefix begins the names of the steps' pods, for the run. The default is none.
	PodNamePrefix *string `json:"pod_name_prefix,omitzero"`
	// ExecutionMode says what the failure of one step means to the others, for the run. The default is
	// [ContinueOnFailure].
	ExecutionMode *ExecutionMode `json:"execution_mode,omitzero"`
	// MaxParallelism is how many step pods there may be at once, for the run. The default is 0: any number. Where more steps are
	// ready, those go first that most other steps wait for one after the other.
	MaxParallelism *int `json:"max_parallelism,omitzero"`
	// ParallelStepStartupWaitingPeriod is the least time between the starts of two step pods, in seconds, for the run.
	// The default is 0.
	ParallelStepStartupWaitingPeriod *float64 `json:"parallel_step_startup_waiting_period,omitzero"`
	// PodStartupTimeout is how long a step's pod may be pending, in seconds, before it is deleted and counts as not
	// started. Time in a queue, behind a quota or a scheduling gate, does not count. 0 means for ever. The default is 600.
	PodStartupTimeout *int `json:"pod_startup_timeout,omitzero"`
	// PodFailureMaxRetries is how many further pods a step gets when its pods do not start. The default is 3.
	PodFailureMaxRetries *int `json:"pod_failure_max_retries,omitzero"`
	// PodFailureRetryDelay is the time before the first of these further pods, in seconds. The default is 10.
	PodFailureRetryDelay *int `json:"pod_failure_retry_delay,omitzero"`
	// PodFailureBackoff multiplies the delay before each further pod after that; it is 1 or more. The default is 1.
	PodFailureBackoff *float64 `json:"pod_failure_backoff,omitzero"`
	// BackoffLimitMargin is how many further pods a step gets, on top of 3, when its pods are taken away before the step
	// could report: evicted, preempted, their node lost. These do not count as retries of the step. The default is 0.
	BackoffLimitMargin *int `json:"backoff_limit_margin,omitzero"`
	// FailOnContainerWaitingReasons are the reasons for which a waiting container makes the step fail for good. Reasons
	// that often pass have to last for a while: ErrImagePull and ImagePullBackOff for 120 s, CreateContainerConfigError
	// for 30 s. The default is InvalidImageName, ErrImagePull, ImagePullBackOff and CreateContainerConfigError.
	FailOnContainerWaitingReasons []string `json:"fail_on_container_waiting_reasons,omitzero"`
	// JobMonitoringInterval is how often the orchestrator looks at everything though no event called for it, in seconds,
	// for the run. It is a safety net: events wake the orchestrator at once. The default is 300.
	JobMonitoringInterval *int `json:"job_monitoring_interval,omitzero"`
	// OrchestratorJobBackoffLimit is how often the orchestrator's pod is replaced when it fails, for the run. A run whose
	// steps failed is not one of these, nor is an eviction. The default is 3.
	OrchestratorJobBackoffLimit *int `json:"orchestrator_job_backoff_limit,omitzero"`
	// SuccessfulJobsHistoryLimit is how many runs of the pipeline are kept that ended well, for the run: when it is
	// submitted, the oldest in its namespace beyond that number are deleted, with all that belongs to them. A client that may
	// not list and delete Jobs is told, and the runs are kept. 0 keeps none. Without it all are kept.
	SuccessfulJobsHistoryLimit *int `json:"successful_jobs_history_limit,omitzero"`
	// FailedJobsHistoryLimit is the same for runs that ended without success, those that were stopped included.
	FailedJobsHistoryLimit *int `json:"failed_jobs_history_limit,omitzero"`
	// TTLSecondsAfterFinished is how long the run is kept after its end, in seconds, for the run: pods, logs and records
	// are then deleted together. It is 300 or more. Without it the run is kept until somebody deletes it.
	TTLSecondsAfterFinished *int `json:"ttl_seconds_after_finished,omitzero"`
	// PodStopGracePeriod is how long a step that is asked to stop may take to do so, in seconds, before it is killed. The
	// default is 30.
	PodStopGracePeriod *int `json:"pod_stop_grace_period,omitzero"`
	// PodForceDeletionTimeout is how long after the end of its grace period a step's pod that was deleted, by whomever, may
	// still be there, in seconds, before it is deleted by force and its attempt counts as lost. So it is with a pod on a node
	// that does not answer, for which the next attempt waits otherwise until somebody deletes the Node or the pod. Nobody can
	// tell whether the process on such a node still runs: when it does, the step's function runs twice at the same time,
	// though one success counts. Set it for steps that bear that. An orchestrator that takes over counts anew. It is 60 or
	// more, since the control plane itself does not call a node unreachable until it was silent for 50 s
	// (--node-monitor-grace-period of kube-controller-manager), or 0, which means never. Child processes are killed when
	// their grace period is over, and need no such setting. The default is 0.
	PodForceDeletionTimeout *int `json:"pod_force_deletion_timeout,omitzero"`
	// ActiveDeadlineSeconds is how long one attempt of a step may take, in seconds, counted by its node from the start of
	// its pod, or by the process that started it from the start of a child process. Then it is told to terminate, which
	// ends the context of the step's function, has PodStopGracePeriod to do so, and fails with the reason
	// DeadlineExceeded. AdditionalPodSpecArgs win over it in pods. Without it there is no such limit.
	ActiveDeadlineSeconds *int `json:"active_deadline_seconds,omitzero"`
	// StepTimeout is how long all attempts of a step may take together, in seconds, from the time at which the first one
	// was seen to run; the delays and queues between them count. Then the attempt that is there is ended, and the step
	// fails with the reason DeadlineExceeded and is not tried again. An orchestrator that takes over counts what lies
	// between the starts of the first and of the latest attempt, and from then on anew. 0 means for ever. The default is 0.
	StepTimeout *int `json:"step_timeout,omitzero"`
	// PodFailurePolicy says what the exit codes of the containers and the conditions of the pod mean when a step's attempt
	// ends without a result: FailJob fails the step for good, Ignore counts the attempt as lost, Count as failed, and
	// FailIndex is refused. The first rule that fits decides; where none does, the outcome is what it is without a policy.
	// A rule on exit codes is about any container, except those that ended with 0, unless it names one; the step's own is
	// called main. The status of a condition is True by default. A pod that was taken away is lost whatever its exit codes,
	// unless a rule names the condition DisruptionTarget; even then its codes 137 and 143, with which the kubelet ends
	// containers, fit no rule, nor does the code 2 of the step's own, with which one ends that is told to before it listens. A
	// policy replaces an inherited one, also when it has no rules. Child processes have no pods, and are judged without it.
	PodFailurePolicy *batchv1.PodFailurePolicy `json:"pod_failure_policy,omitzero"`
	// SkipOwnerReferences makes the pods and records of the run without owners, for the run: they are not deleted with the
	// orchestrator's Job, neither by hand nor by TTLSecondsAfterFinished nor by the limits of the history. `kubectl drain`
	// evicts such pods with --force only. The default is false.
	SkipOwnerReferences *bool `json:"skip_owner_references,omitzero"`
	// EnableCache takes a step's value from an earlier run of the pipeline in the same namespace, if there is one of the
	// same version of the step from the same inputs and parameters. A step whose value depends on anything else must not be
	// cached. One whose value is nothing ([None]) never is. The default is false.
	EnableCache *bool `json:"enable_cache,omitzero"`
	// CacheVersion names the version of what a step does, and is changed when that changes. Without it, the version is the
	// digest of the step's image, or of this program where steps are child processes, so that every change of the program
	// counts as one of the step; an Image that is given by tag has no digest, and needs a CacheVersion.
	CacheVersion *string `json:"cache_version,omitzero"`
	// CacheExpiration is how long after it was made a value is taken from the cache, in seconds. 0 means for ever. The
	// default is 0.
	CacheExpiration *int `json:"cache_expiration,omitzero"`
	// PreventOrchestratorPodCaching leaves it to each step's pod to look for the step's value in earlier runs, for the run:
	// the pod is made, and does not call the step's function where it finds one. The default is false: the orchestrator
	// looks, and a step whose value it finds gets no pod. It means nothing to runs of child processes.
	PreventOrchestratorPodCaching *bool `json:"prevent_orchestrator_pod_caching,omitzero"`
}

// KubernetesPodSettings shape the pods of steps or of the orchestrator. The zero value sets nothing. See
// [KubernetesOrchestratorSettings] for how settings from several places are merged.
type KubernetesPodSettings struct {
	// NodeSelectors are the labels that a node must have. A pod whose image was made of this program also asks for nodes
	// of its operating system and architecture.
	NodeSelectors map[string]string `json:"node_selectors,omitzero"`
	// Labels of the pod. The library's own cannot be set: run, pipeline, step, app.kubernetes.io/managed-by and those
	// under k8sorch.io.
	Labels map[string]string `json:"labels,omitzero"`
	// Annotations of the pod, except under k8sorch.io. The default asks autoscalers to leave the pod alone:
	// cluster-autoscaler.kubernetes.io/safe-to-evict "false" and karpenter.sh/do-not-disrupt "true".
	Annotations map[string]string `json:"annotations,omitzero"`
	// Affinity to nodes and other pods. Its lists of terms replace inherited ones.
	Affinity *corev1.Affinity `json:"affinity,omitzero"`
	// Tolerations of nodes' taints. The list replaces an inherited one: tolerations have no key.
	Tolerations []corev1.Toleration `json:"tolerations,omitzero"`
	// Resources of the container. Requests and limits merge by resource. A resource with neither has a request by default:
	// 10m of CPU and 32Mi of memory for a step, 50m and 64Mi for the orchestrator.
	Resources *corev1.ResourceRequirements `json:"resources,omitzero"`
	// Volumes of the pod, merged by name. The names k8sorch and k8sorch-* belong to the library.
	Volumes []corev1.Volume `json:"volumes,omitzero"`
	// VolumeMounts of the container, merged by path. The directories /var/run/k8sorch and /var/run/k8sorch-* belong to the
	// library.
	VolumeMounts []corev1.VolumeMount `json:"volume_mounts,omitzero"`
	// Env are variables of the container, merged by name. Give secrets by reference: values stand in the pod for all to
	// read. Names that begin with K8SORCH_ belong to the library.
	Env []corev1.EnvVar `json:"env,omitzero"`
	// EnvFrom are the ConfigMaps and Secrets whose keys become variables. The list replaces an inherited one.
	EnvFrom []corev1.EnvFromSource `json:"env_from,omitzero"`
	// HostIPC shares the node's inter-process communication with the pod. The default is false.
	HostIPC *bool `json:"host_ipc,omitzero"`
	// ImagePullSecrets are the names of Secrets with the registry's credentials; inherited names are kept.
	ImagePullSecrets []string `json:"image_pull_secrets,omitzero"`
	// SchedulerName is the scheduler that places the pod. The default is the cluster's.
	SchedulerName *string `json:"scheduler_name,omitzero"`
	// ContainerSecurityContext of the container. It refines the default, which passes the Pod Security standard
	// "restricted": user and group 65532, no privileges, no capabilities, the runtime's seccomp profile.
	ContainerSecurityContext *corev1.SecurityContext `json:"container_security_context,omitzero"`
	// AdditionalPodSpecArgs are any further fields of a Kubernetes PodSpec, in snake or in camel case: JSON values or
	// Kubernetes types. They are merged over everything else here by the keys of Kubernetes' strategic merge. The
	// step's own container is called "main"; containers added here without a security context get the default one. Their
	// image may be [StepImage].
	AdditionalPodSpecArgs map[string]any `json:"additional_pod_spec_args,omitzero"`
}
