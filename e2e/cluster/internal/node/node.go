// Package node knows how each program of the cluster is configured and started.
package node

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"text/template"

	"k8s.io/component-base/version"

	"github.com/org/k8sorch/e2e/cluster/internal/address"
	"github.com/org/k8sorch/e2e/cluster/internal/pki"
	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

const (
	// Name is the name of the node that the cluster has from its start.
	Name = "node1"
	// SecondName is the name of the node that a test may start beside it.
	SecondName = "node2"
)

// self is this program; the Kubernetes components are inside it, chosen by the first argument.
const self = "/proc/self/exe"

// Version is the version of the Kubernetes inside this program.
func Version() string { return version.Get().GitVersion }

//go:embed config
var configs embed.FS

// Node is everything the programs' configuration depends on.
type Node struct {
	// State is the node's folder, which is the cluster's for its first node.
	State state.Dir
	// Name is the name of the node's object.
	Name string
	// Address is what the kubelet listens on, and of the first node the API server.
	Address string
	// Bridge is the link that the node's pods are on.
	Bridge string
	// Pods is the range of their addresses.
	Pods string
	// Reserved gives the node a taint, so that nobody's pods come to it who does not ask for it.
	Reserved bool
	// PKI is the folder with the cluster's certificates.
	PKI string
	// Authority signs the programs' certificates.
	Authority *pki.Authority
	// CgroupRoot is the cgroup, existing in every hierarchy, below which pods run.
	CgroupRoot string
	// CNIPlugins is the folder with the bridge, host-local and loopback plugins.
	CNIPlugins string
	// PauseImage is the sandbox image, in a registry that containerd reaches.
	PauseImage string
	// BatchAudit has the audit log written on the side, so that no request waits for it. Whoever reads the log has to wait
	// for what is written there.
	BatchAudit bool
	// Tuned lifts the limits of the controller manager.
	Tuned bool
}

// First is the node that the cluster in a folder has from its start.
func First(cluster state.Dir) *Node {
	return &Node{State: cluster, Name: Name, Address: address.Node, Bridge: "cni0", Pods: address.Pods, PKI: cluster.PKI()}
}

// Second is the node that a test may start beside it. A container runtime of its own is needed: a kubelet ends all
// containers of its runtime that it does not know.
func Second(cluster state.Dir) *Node {
	return &Node{
		State: state.Dir(cluster.Path(SecondName)), Name: SecondName, Address: address.SecondNode, Bridge: "cni1",
		Pods: address.SecondPods, Reserved: true, PKI: cluster.PKI(),
	}
}

// ContainerdSocket is where containerd serves the kubelet.
func (n *Node) ContainerdSocket() string { return n.State.ContainerdSocket() }

// WriteConfigs writes the configuration files that the programs read.
func (n *Node) WriteConfigs() error {
	files := map[string]string{
		"kubelet.yaml":      n.State.Path("kubelet.yaml"),
		"containerd.toml":   n.State.Path("containerd.toml"),
		"audit-policy.yaml": n.State.Path("audit-policy.yaml"),
		"cni.conflist":      n.State.Path("cni", "10-pods.conflist"),
	}
	for name, file := range files {
		if err := n.writeConfig(name, file); err != nil {
			return fmt.Errorf("writing %s: %w", file, err)
		}
	}
	return nil
}

func (n *Node) writeConfig(name, file string) error {
	tmpl, err := template.ParseFS(configs, path.Join("config", name))
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := tmpl.Execute(&out, n); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}
