package kube

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"

	"k8s.io/client-go/kubernetes"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // the ways to log in that kubectl knows
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/org/k8sorch/internal/reexec"
)

// Target names a cluster. Its ways are tried in the order of the fields; a kubeconfig or a pod's environment that merely
// happens to be there is never used.
type Target struct {
	// Clientset is used as it is, by programs that have their own and by tests.
	Clientset kubernetes.Interface
	// InCluster asks for the account of the pod this process runs in. Outside a pod, the next way is taken.
	InCluster bool
	// AccountToken is a token of that account, and CA what certifies the API server, in PEM, where the pod does not have them in
	// files.
	AccountToken, CA string
	// RESTConfig is a connection that the program made itself.
	RESTConfig *rest.Config
	// Kubeconfig is the path of a kubeconfig; empty means what kubectl would read, if Context is set.
	Kubeconfig string
	// Context is the kubeconfig's context; empty means its current one, if Kubeconfig is set.
	Context string

	// Namespace is where runs live: by default the pod's own, the context's, or "default".
	Namespace string
	// CreateNamespace has [Connection.EnsureNamespace] make the namespace where it does not exist.
	CreateNamespace bool
	// Role is the role of this process; it is part of the user agent.
	Role reexec.Kind
	// Warn takes the warnings that the API server sends with its answers, and that it answers nothing but asks for patience;
	// nil drops them. It is called from any goroutine and must not block.
	Warn func(warning string)
	// Trouble is told of each call that the API server has not served; nil drops that. It is called as Warn is.
	Trouble func(Trouble)
}

// Named tells whether the target names a cluster at all.
func (t Target) Named() bool {
	return t.Clientset != nil || t.InCluster || t.RESTConfig != nil || t.namesKubeconfig()
}

func (t Target) namesKubeconfig() bool { return t.Kubeconfig != "" || t.Context != "" }

// access is a way into a cluster.
type access struct {
	config            *rest.Config
	namespace, source string
	// context is the kubeconfig's; notice is what people should know of the choice.
	context, notice string
	// inPod tells that this process runs in the cluster itself.
	inPod bool
}

func (t Target) access(pod func() (access, error)) (access, error) {
	if !t.InCluster {
		return t.outside()
	}
	if t.AccountToken != "" {
		pod = t.accountInEnv
	}
	found, inPod := pod()
	if inPod == nil {
		// Within a cluster, packing costs both sides more than it spares: a tenth of an orchestrator's time went into unpacking.
		found.config.DisableCompression = true
		return found, nil
	}
	inPod = fmt.Errorf("using this pod's account: %w", inPod)
	found, err := t.outside()
	switch {
	case errors.Is(err, errNoTarget):
		return access{}, inPod
	case err != nil:
		return access{}, fmt.Errorf("%w, and then %w", inPod, err)
	}
	return found, nil
}

// outside is the way in that does not depend on running in a pod.
func (t Target) outside() (access, error) {
	switch {
	case t.RESTConfig != nil:
		return access{config: t.RESTConfig, source: "the given REST config"}, nil
	case t.namesKubeconfig():
		return t.kubeconfig()
	}
	return access{}, errNoTarget
}

// errNoTarget is what a caller gets who named no cluster.
var errNoTarget = errors.New("no cluster is named: name a kubeconfig context, or give a REST config or a client")

// podNamespace is where the kubelet puts the namespace of the pod's service account.
const podNamespace = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// podAccess is the account of the pod this process runs in.
func podAccess() (access, error) {
	config, err := rest.InClusterConfig()
	if err != nil {
		return access{}, err
	}
	namespace, err := os.ReadFile(podNamespace)
	if err != nil {
		return access{}, err
	}
	return access{config: config, namespace: strings.TrimSpace(string(namespace)), source: "this pod's account", inPod: true}, nil
}

// accountInEnv is the same account by its token, in a pod that has no files of it.
func (t Target) accountInEnv() (access, error) {
	// What the kubelet tells every container of the API server (k8s.io/client-go/rest.InClusterConfig).
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return access{}, rest.ErrNotInCluster
	}
	return access{config: &rest.Config{
		Host: "https://" + net.JoinHostPort(host, port), BearerToken: t.AccountToken,
		TLSClientConfig: rest.TLSClientConfig{CAData: []byte(t.CA)},
	}, source: "this pod's account", inPod: true}, nil
}

func (t Target) kubeconfig() (access, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = t.Kubeconfig
	// Reading must not write: migration would move files of long ago.
	rules.MigrationRules = nil
	raw, err := rules.Load()
	if err != nil {
		return access{}, fmt.Errorf("reading kubeconfig: %w", err)
	}
	name := t.Context
	if name == "" {
		name = raw.CurrentContext
	}
	if raw.Contexts[name] == nil {
		return access{}, unknownContext(name, raw, rules)
	}
	// The deferred loader of clientcmd would fall back to the pod's account on its own.
	loader := clientcmd.NewNonInteractiveClientConfig(*raw, name, nil, rules)
	config, err := loader.ClientConfig()
	if err != nil {
		return access{}, fmt.Errorf("using context %q: %w", name, err)
	}
	found := access{config: config, namespace: raw.Contexts[name].Namespace, source: fmt.Sprintf("context %q", name), context: name}
	if active := raw.CurrentContext; active != "" && active != name {
		found.notice = fmt.Sprintf("using context %q, not the active context %q", name, active)
	}
	return found, nil
}

func unknownContext(name string, raw *clientcmdapi.Config, rules *clientcmd.ClientConfigLoadingRules) error {
	files := strings.Join(rules.GetLoadingPrecedence(), ", ")
	there := slices.Sorted(maps.Keys(raw.Contexts))
	switch {
	case len(there) == 0:
		return fmt.Errorf("using context %q: there are no contexts in %s: set KUBECONFIG or name the file", name, files)
	case name == "":
		return fmt.Errorf("no context is named, and %s has no current one: name one of %s", files, strings.Join(there, ", "))
	}
	return fmt.Errorf("there is no context %q in %s: name one of %s", name, files, strings.Join(there, ", "))
}
