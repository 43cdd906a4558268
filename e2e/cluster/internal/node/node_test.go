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
	dir := writeConfigs(t)
	text, err := os.ReadFile(dir.Path("kubelet.yaml"))
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
	if got, want := config.ContainerRuntimeEndpoint, "unix://"+dir.ContainerdSocket(); got != want {
		t.Errorf("container runtime: got %s, want %s", got, want)
	}
}

func TestCNIConfigIsJSON(t *testing.T) {
	t.Parallel()
	dir := writeConfigs(t)
	text, err := os.ReadFile(dir.Path("cni", "10-pods.conflist"))
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) {
		t.Errorf("not JSON:\n%s", text)
	}
}

func writeConfigs(t *testing.T) state.Dir {
	t.Helper()
	dir := state.Dir(t.TempDir())
	n := &Node{State: dir, CgroupRoot: "pods-go-here", CNIPlugins: "/plugins", PauseImage: "pause"}
	if err := n.WriteConfigs(); err != nil {
		t.Fatal(err)
	}
	return dir
}
