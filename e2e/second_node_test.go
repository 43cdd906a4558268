package e2e

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

// secondNodeName is the name of the node that the cluster is ready to have beside its own, and of the folder for it.
const secondNodeName = "node2"

// secondNode is a node with a container runtime and a kubelet that nobody starts again when they are killed. It has the
// reserved taint. A cluster has one of them at most.
type secondNode struct {
	*env
	// folder is what is in the command lines of its programs.
	folder string
	// cgroup is what is in the cgroups of its pods.
	cgroup string
}

// startSecondNode starts the node and waits until it is ready. It goes with the test.
func (e *env) startSecondNode(t *testing.T) *secondNode {
	t.Helper()
	state := os.Getenv(stateVariable)
	pid, err := os.ReadFile(filepath.Join(state, "pid"))
	if err != nil {
		t.Fatal(err)
	}
	n := &secondNode{
		env: e, folder: filepath.Join(state, secondNodeName) + "/", cgroup: "/k8sorch-e2e-" + string(bytes.TrimSpace(pid)) + "/second/",
	}
	t.Cleanup(func() { n.remove(t) })
	n.startProgram(t, "containerd")
	until(t, "containerd serves", func() bool {
		_, err := os.Stat(n.folder + "containerd/containerd.sock")
		return err == nil
	})
	n.startKubelet(t)
	return n
}

// startKubelet starts the kubelet and waits until the node is ready.
func (n *secondNode) startKubelet(t *testing.T) {
	t.Helper()
	began := metav1.NewTime(time.Now().Truncate(time.Second))
	n.startProgram(t, "kubelet")
	waitFor(t, n.client.CoreV1().Nodes(), secondNodeName, func(node *corev1.Node) bool {
		return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
			return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue && !c.LastHeartbeatTime.Before(&began)
		})
	})
}

// startProgram starts one of the node's programs where those of the cluster run, with a log beside theirs.
func (n *secondNode) startProgram(t *testing.T, name string) {
	t.Helper()
	state, inside := os.Getenv(stateVariable), strconv.Itoa(part(t, apiServer))
	kubenode, err := os.Readlink("/proc/" + inside + "/exe")
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(state, "logs", secondNodeName+"-"+name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command("nsenter", "--target", inside, "--mount", "--net", "--pid", kubenode, "second", state, name)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait() }()
}

// killKubelet kills the kubelet. What runs in pods goes on.
func (n *secondNode) killKubelet(t *testing.T) {
	t.Helper()
	kubelets := processes(t, func(p process) bool { return bytes.Contains(p.read("cmdline"), []byte("="+n.folder+"kubelet.yaml")) })
	if len(kubelets) != 1 {
		t.Fatalf("the node has %d kubelets, want one", len(kubelets))
	}
	if err := syscall.Kill(kubelets[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// waitUntilEmpty waits until nothing runs in pods of the node.
func (n *secondNode) waitUntilEmpty(t *testing.T) {
	t.Helper()
	until(t, "no pod is left on "+secondNodeName, func() bool { return len(processes(t, n.isOfPod)) == 0 })
}

func (n *secondNode) isOfPod(p process) bool {
	return bytes.Contains(p.read("cgroup"), []byte(n.cgroup))
}

// remove kills all that runs on the node, and deletes its object.
func (n *secondNode) remove(t *testing.T) {
	t.Helper()
	for _, ours := range []func(process) bool{
		func(p process) bool { return bytes.Contains(p.read("cmdline"), []byte(n.folder)) }, n.isOfPod,
	} {
		for _, pid := range processes(t, ours) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
				t.Error(err)
			}
		}
	}
	err := n.client.CoreV1().Nodes().Delete(context.Background(), secondNodeName, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		t.Errorf("deleting the node: %v", err)
	}
}

// until waits until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		return so(), nil
	})
	if err != nil {
		t.Fatalf("waiting until %s: %v", what, err)
	}
}
