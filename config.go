package pipeline

import (
	"github.com/org/k8sorch/internal/kube"
)

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

// target is the cluster that the configuration and the options name.
func (o *Orchestrator) target() kube.Target {
	return kube.Target{
		InCluster: o.config.InCluster, RESTConfig: o.restConfig, Clientset: o.clientset,
		Kubeconfig: o.config.Kubeconfig, Context: o.config.Context, Namespace: o.config.Namespace,
	}
}
