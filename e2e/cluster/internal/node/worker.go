package node

import (
	"github.com/org/k8sorch/e2e/cluster/internal/supervise"
)

// ContainerdComponent is the machine's containerd with folders and a socket of its own.
func (n *Node) ContainerdComponent() supervise.Component {
	return supervise.Component{Name: Containerd, Args: []string{
		Containerd, "--config", n.State.Path("containerd.toml"),
	}}
}

// KubeletComponent needs containerd's socket to exist.
func (n *Node) KubeletComponent() supervise.Component {
	return supervise.Component{Name: Kubelet, Args: []string{
		self, Kubelet,
		"--config=" + n.State.Path("kubelet.yaml"),
		"--kubeconfig=" + n.State.Credentials(Kubelet),
		"--root-dir=" + n.State.Path("kubelet"),
		"--cert-dir=" + n.State.Path("kubelet", "pki"),
		"--node-ip=" + n.Address,
		"--hostname-override=" + n.Name,
	}}
}
