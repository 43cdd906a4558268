package node

import (
	"github.com/org/k8sorch/e2e/cluster/internal/address"
	"github.com/org/k8sorch/e2e/cluster/internal/pki"
)

// Names of the programs, and of the certificates, logs and kubeconfigs that are theirs.
const (
	Etcd              = "etcd"
	APIServer         = "kube-apiserver"
	ControllerManager = "kube-controller-manager"
	Scheduler         = "kube-scheduler"
	Kubelet           = "kubelet"
	Containerd        = "containerd"
)

const (
	kubeletClient   = "kube-apiserver-kubelet-client"
	serviceAccounts = "service-accounts"
)

// WriteCredentials makes every certificate, key and kubeconfig of the cluster, the administrator's included.
func (n *Node) WriteCredentials() error {
	for _, write := range []func() error{n.writeServing, n.writeKubeconfigs} {
		if err := write(); err != nil {
			return err
		}
	}
	return n.Authority.SigningKey(serviceAccounts)
}

func (n *Node) writeServing() error {
	names := []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
	err := n.Authority.Serving(APIServer, names, "127.0.0.1", address.KubernetesService, address.Node)
	if err != nil {
		return err
	}
	if err := n.Authority.Serving(Kubelet, []string{Name, SecondName}, address.Node, address.SecondNode); err != nil {
		return err
	}
	return n.Authority.Client(kubeletClient, pki.Identity{User: kubeletClient, Groups: []string{"system:masters"}})
}

func (n *Node) writeKubeconfigs() error {
	identities := map[string]pki.Identity{
		n.State.Kubeconfig():                       {User: "admin", Groups: []string{"system:masters"}},
		n.State.Credentials(ControllerManager):     {User: "system:kube-controller-manager"},
		n.State.Credentials(Scheduler):             {User: "system:kube-scheduler"},
		n.State.Credentials(Kubelet):               nodeIdentity(Name),
		Second(n.State).State.Credentials(Kubelet): nodeIdentity(SecondName),
	}
	for path, id := range identities {
		if err := n.Authority.Kubeconfig(path, address.API, id); err != nil {
			return err
		}
	}
	return nil
}

// nodeIdentity is whom a kubelet has to be for its node.
func nodeIdentity(name string) pki.Identity {
	return pki.Identity{User: "system:node:" + name, Groups: []string{"system:nodes"}}
}
