package node

import (
	"encoding/json"
	"os"
	"testing"

	kubeletv1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/org/k8sorch/e2e/cluster/internal/state"
)

// TestKubeletConfig decodes strictly: the kubelet itself refuses a field it does not know.
func TestKubeletConfig(t *testing.T) {
	t.Parallel()
	for name, of := range nodes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := writeConfigs(t, of)
			wantKubeletConfig(t, n)
		})
	}
}

func nodes() map[string]func(state.Dir) *Node {
	return map[string]func(state.Dir) *Node{"first": First, "second": Second}
}

func wantKubeletConfig(t *testing.T, n *Node) {
	t.Helper()
	text, err := os.ReadFile(n.State.Path("kubelet.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config kubeletv1.KubeletConfiguration
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		t.Fatal(err)
	}
	if got, want := config.CgroupRoot, "/pods-go-here"; got != want {
		t.Errorf("cgroup root: got %s, want %s", got, want)
	}
	if got, want := config.ContainerRuntimeEndpoint, "unix://"+n.ContainerdSocket(); got != want {
		t.Errorf("container runtime: got %s, want %s", got, want)
	}
	if got := len(config.RegisterWithTaints) > 0; got != n.Reserved {
		t.Errorf("the node has a taint: got %t, want %t", got, n.Reserved)
	}
}

func TestCNIConfigIsJSON(t *testing.T) {
	t.Parallel()
	for name, of := range nodes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(writeConfigs(t, of).State.Path("cni", "10-pods.conflist"))
			if err != nil {
				t.Fatal(err)
			}
			if !json.Valid(text) {
				t.Errorf("not JSON:\n%s", text)
			}
		})
	}
}

func writeConfigs(t *testing.T, of func(state.Dir) *Node) *Node {
	t.Helper()
	n := of(state.Dir(t.TempDir()))
	n.CgroupRoot, n.CNIPlugins, n.PauseImage = "pods-go-here", "/plugins", "pause"
	if err := n.WriteConfigs(); err != nil {
		t.Fatal(err)
	}
	return n
}
