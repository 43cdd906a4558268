package pipeline

// remedies say what to do about the reasons for which attempts wait or end. The reasons are Kubernetes' and the library's
// own, as docs/failures.md lists them.
var remedies = map[string]string{
	"Unschedulable":              "ask for less (Resources), let it go to more nodes (NodeSelectors, Tolerations, Affinity), or add a node",
	"FailedScheduling":           "ask for less (Resources), let it go to more nodes (NodeSelectors, Tolerations, Affinity), or add a node",
	"SchedulingGated":            "see what the queue or controller says that has put the gate on the pod",
	"ErrImagePull":               imageRemedy,
	"ImagePullBackOff":           imageRemedy,
	"InvalidImageName":           "correct the name of the image (Image, BaseImage)",
	"CreateContainerConfigError": "make the Secret or ConfigMap that the pod refers to (Env, EnvFrom), or correct the reference",
	"FailedMount":                volumeRemedy,
	"FailedAttachVolume":         volumeRemedy,
	"Quota":                      "wait until other pods are gone, ask for less (Resources), or have the quota raised",
	"LimitRange":                 "ask for what the namespace's LimitRange allows (Resources)",
	"PodSecurity":                "change the pod's settings, or use a namespace with a lower Pod Security level",
	"AdmissionDenied":            "change the pod's settings as the policy demands, or ask who is in charge of it",
	"ServiceAccount":             "create the service account, or name another one (StepPodServiceAccountName)",
	"Forbidden":                  "give the orchestrator's service account its rights: the command rbac prints them",
	"StartupTimeout":             "see what it was waiting for, or let it wait longer (PodStartupTimeout)",
	"InitContainerFailed":        "see the log of the init container",
	"StartError":                 "use an image of the nodes' platform (Config.Platform) whose command is there",
	"OOMKilled":                  "raise the memory limit (Resources), or use less",
	"DeadlineExceeded":           "allow it more time (ActiveDeadlineSeconds, StepTimeout), or have it do less",
	"Evicted":                    "ask for the memory and disk that the step uses (Resources), so that its node does not run short",
	"PreemptionByScheduler":      "use a priority class that is not preempted (AdditionalPodSpecArgs), or allow more losses (BackoffLimitMargin)",
	"ArtifactStore":              "see that pods reach the artifact store and may write to it (Config.Artifacts)",
	"NotGiven":                   "see that pods reach the API server, and soon after they were made, or leave StepAccountTokenInEnv out",
	"NoResult":                   "do not end the process in the step's function: return from it",
	"Error":                      logRemedy,
	"Panic":                      logRemedy,
	"ExitCode":                   logRemedy,
	"Encoding":                   "return a value of a type that can be encoded",
	"NameTaken":                  "delete the pod that has the attempt's name",
}

const (
	imageRemedy  = "see that the image exists and that the nodes may pull it (ImagePullSecrets)"
	volumeRemedy = "see that the volume exists and can be mounted on that node (Volumes, VolumeMounts)"
	logRemedy    = "see its log"
)

// remedy says what to do about a reason; empty where nothing is known.
func remedy(reason string) string { return remedies[reason] }
