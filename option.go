package pipeline

import (
	"context"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/org/k8sorch/internal/artifact"
)

// Option wires an [Orchestrator] to the process it lives in.
type Option interface {
	applyToOrchestrator(*Orchestrator)
}

type option func(*Orchestrator)

func (f option) applyToOrchestrator(o *Orchestrator) { f(o) }

// WithLogger gives the orchestrator a logger. Without one it is silent in the client and writes JSON lines to standard
// error in pods and child processes.
func WithLogger(logger *zap.Logger) Option {
	return option(func(o *Orchestrator) { o.logger = logger })
}

// WithEvents tells fn what happens in the runs that this process waits for. It is called for one event of a run at a
// time, and those that follow wait until it returns; [CallRepeated], which is of no run, may come beside it. Several such functions
// are called in the order given.
func WithEvents(fn func(Event)) Option {
	return option(func(o *Orchestrator) {
		others := o.events
		o.events = func(e Event) {
			others(e)
			fn(e)
		}
	})
}

// WithRESTConfig names the cluster by a client configuration that the program has made itself.
func WithRESTConfig(config *rest.Config) Option {
	return option(func(o *Orchestrator) { o.restConfig = config })
}

// WithClientset names the cluster by a client that the program has made itself, in tests a fake one.
func WithClientset(client kubernetes.Interface) Option {
	return option(func(o *Orchestrator) { o.clientset = client })
}

// ArtifactStore keeps values that are too large for records, under their digests. Programs name a store by its URL in
// [Config.Artifacts]; the bucket package makes one of any bucket that gocloud.dev/blob knows.
type ArtifactStore = artifact.Store

// WithArtifactStores gives the orchestrator a way to open artifact stores whose URL schemes it does not know itself. The
// bucket package has one for object stores:
//
//	pipeline.WithArtifactStores(bucket.Open)
func WithArtifactStores(open func(ctx context.Context, url string) (ArtifactStore, error)) Option {
	return option(func(o *Orchestrator) { o.openStore = open })
}

// WithExit replaces [os.Exit], which ends the process after it has played the role of an orchestrator or a step.
func WithExit(exit func(code int)) Option {
	return option(func(o *Orchestrator) { o.exit = exit })
}

// WithPodTemplate lets fn change the pods of runs on Kubernetes, after all settings: each step's, and the orchestrator's,
// for which step is empty. It is for what no setting says. Several such functions are called in the order given.
//
// The container main remains the one that runs this program: its name, image, command and arguments must stay as they
// are, or the run is refused. What a pod needs to be recognised and to run once is put over what fn makes: the labels and
// annotations of [KubernetesPodSettings] that cannot be set, the restart policy, and of the container main the
// termination message and the variables that begin with K8SORCH_.
//
// Fn is called by Submit, Run and Render, several times for each pod. What it does must depend on nothing but the pod: the
// first time, the image of this program has no digest yet.
func WithPodTemplate(fn func(step string, template *corev1.PodTemplateSpec)) Option {
	return option(func(o *Orchestrator) { o.podTemplate = append(o.podTemplate, fn) })
}

// WithRestrictedPods refuses pods that do not pass the Pod Security standard "restricted", whatever settings and
// [WithPodTemplate] say, before anything is done: Submit, Run and Render return a [*ValidationError] that says what the
// standard forbids. It is for services that run the pipelines of others in a namespace that does not enforce the standard
// itself. Without it, such pods are run, and a [Notice] says which namespaces will refuse them.
func WithRestrictedPods() Option {
	return option(func(o *Orchestrator) { o.restricted = true })
}
