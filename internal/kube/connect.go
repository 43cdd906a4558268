package kube

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/reexec"
)

// Connection is a cluster within reach, and the namespace to use there.
type Connection struct {
	// Client talks to the cluster.
	Client kubernetes.Interface
	// Namespace is where runs live.
	Namespace string
	// Source tells people where the connection came from: a context, the pod, the program.
	Source string
	// Server is the address of the API server, as in "https://10.0.0.1:6443"; empty where it is not known.
	Server string
	// Remote tells that the cluster is certainly not on this machine. It is false where that is not known: of a client that
	// the program brought, and in a pod.
	Remote bool
	// Notice is what people should know of the connection; mostly empty.
	Notice string

	// createNamespace is [Target.CreateNamespace].
	createNamespace bool
	// given tells that the program brought its own client: its namespaces are its own affair, and a fake one has none.
	given bool
}

// Connect resolves the target. It calls no API: [Connection.Check] does.
func Connect(t Target) (*Connection, error) {
	return connect(t, podAccess)
}

func connect(t Target, pod func() (access, error)) (*Connection, error) {
	if t.Clientset != nil {
		return &Connection{
			Client: t.Clientset, Namespace: orDefault(t.Namespace), Source: "the given client",
			given: true, createNamespace: t.CreateNamespace,
		}, nil
	}
	found, err := t.access(pod)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(tune(found.config, agent(t.Role), t.Warn, t.Trouble))
	if err != nil {
		return nil, fmt.Errorf("connecting by %s: %w", found.source, err)
	}
	if t.Namespace != "" {
		found.namespace = t.Namespace
	}
	conn := &Connection{
		Client: client, Namespace: orDefault(found.namespace), Source: found.source, Notice: found.notice, createNamespace: t.CreateNamespace,
	}
	if server := serverOf(found.config); server != nil {
		conn.Server = server.Scheme + "://" + server.Host
		conn.Remote = !found.inPod && remote(found.context, server.Hostname())
	}
	return conn, nil
}

func orDefault(namespace string) string {
	if namespace == "" {
		return metav1.NamespaceDefault
	}
	return namespace
}

// agent is the user agent, by which audit logs and flow schemas tell the roles apart.
func agent(role reexec.Kind) string {
	if role == reexec.Client {
		return ManagedBy + "/client"
	}
	return ManagedBy + "/" + string(role)
}
