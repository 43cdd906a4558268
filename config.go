package pipeline

// Config says where runs go and what they get. The zero Config runs every step as a child process of this one; a
// cluster is used only when it is named: by Context, Kubeconfig or InCluster here, or by [WithRESTConfig] or
// [WithClientset].
type Config struct {
	// InCluster uses the cluster that this process itself runs in. Where that fails, the given REST config or the
	// context is used, in that order.
	InCluster bool
	// Kubeconfig is the path of a kubeconfig file. Defaults to $KUBECONFIG or ~/.kube/config when Context is set.
	Kubeconfig string
	// Context is the kubeconfig context. Defaults to the current one when Kubeconfig is set.
	Context string
	// Namespace is where runs live. Defaults to the context's namespace, in a pod to the pod's own.
	Namespace string
	// CreateNamespace makes the namespace where it does not exist, for which the user needs the right to get and create
	// namespaces. Without it a missing namespace is an error.
	CreateNamespace bool
	// Local says that the cluster is one on this machine: kind, k3d, minikube, Docker Desktop and the like. A file:///path
	// in Artifacts is then a directory of the node that runs the steps: it is mounted into their pods as a hostPath at the
	// same path, which Pod Security "baseline" and "restricted" do not allow, and must be writable there for the steps'
	// user. A cluster that is certainly elsewhere is refused: one whose context has not the name that local clusters have,
	// and whose API server has a public address.
	Local bool
	// SkipLocalValidations accepts what a cluster elsewhere is refused for: Local, a registry or image on a loopback address
	// of this machine, and a directory in Artifacts, which without Local the program has to mount itself.
	SkipLocalValidations bool
	// BindEditRole binds the generated service accounts to the ClusterRole edit, in the namespace only, instead of Roles with
	// the verbs that are used. That is far more than a run needs, since it includes every Secret of the namespace; it is for
	// clusters where Roles cannot be made but bindings can, and for steps that themselves change what is in the namespace.
	BindEditRole bool
	// Token, if set, is asked for a token when a run is submitted. The run's steps get it by [Token].
	Token TokenSource `json:"-"`
	// PassTokenAsSecret keeps the token in a Secret of the run, which is deleted at its end; the submitting user needs the
	// rights that [Orchestrator.SubmitterRBAC] lists. When it is false, the token stands in the run's plan and pods, where
	// everyone can read it who may read ConfigMaps or pods. It is for runs on Kubernetes. The default is true.
	PassTokenAsSecret *bool
	// Registry is where the pipeline's image is pushed to, as host or host/path; the repository is named for the
	// pipeline. Nodes must be able to pull from there by the same name. Not needed when every step has an Image.
	Registry string
	// Platform is what the nodes run, as in linux/arm64. Defaults to the API server's own.
	Platform string
	// Artifacts is the URL of the store for values larger than 256 KiB: file:///path, pvc://claim/path, or a scheme that
	// [WithArtifactStores] serves. Runs of child processes default to a directory of the run; runs on Kubernetes to none.
	Artifacts string
	// Args are the arguments of the program in its pods and child processes. They can be read by everyone who may read
	// pods: secrets have no place there. Defaults to those of this process; an empty list that is not nil means none.
	Args []string
	// Dir is where runs of child processes are kept, the last 20 of each pipeline. Defaults to k8sorch/runs below
	// [os.UserCacheDir].
	Dir string
	// Settings are the defaults of all pipelines, refined by [Pipeline.Settings], [RunSettings] and [Step.Settings].
	Settings KubernetesOrchestratorSettings
}
