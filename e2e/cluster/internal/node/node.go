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

// Name is the name of the cluster's one node.
const Name = "node1"

// self is this program; the Kubernetes components are inside it, chosen by the first argument.
const self = "/proc/self/exe"

// Version is the version of the Kubernetes inside this program.
func Version() string { return version.Get().GitVersion }

//go:embed config
var configs embed.FS

// Node is everything the programs' configuration depends on.
type Node struct {
	// State is the cluster's folder.
	State state.Dir
	// Authority signs the programs' certificates.
	Authority *pki.Authority
	// CgroupRoot is the cgroup, existing in every hierarchy, below which pods run.
	CgroupRoot string
	// CNIPlugins is the folder with the bridge, host-local and loopback plugins.
	CNIPlugins string
	// PauseImage is the sandbox image, in a registry that containerd reaches.
	PauseImage string
}

// Node is the address that the kubelet and the API server listen on.
func (n *Node) Node() string { return address.Node }

// Pods is the range of pod addresses.
func (n *Node) Pods() string { return address.Pods }

// PKI is the folder with certificates.
func (n *Node) PKI() string { return n.State.PKI() }

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
