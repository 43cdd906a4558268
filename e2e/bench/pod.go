package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/org/k8sorch/e2e/bench/internal/kubelet"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// Places inside a pod.
const (
	runDir     = "/run"
	accountDir = runDir + "/secrets/kubernetes.io/serviceaccount"
)

// playPod makes room for what a pod has below /run, in the cluster's own mount namespace, which ends with it.
func playPod() error {
	if err := syscall.Mount("tmpfs", runDir, "tmpfs", 0, "mode=0755"); err != nil {
		return fmt.Errorf("mounting %s: %w", runDir, err)
	}
	return os.MkdirAll(accountDir, 0o755)
}

// furnish writes what the kubelet mounts into all pods of the orchestrator's account.
func (r *run) furnish(ctx context.Context) error {
	token, err := r.token(ctx)
	if err != nil {
		return err
	}
	authority, err := r.authority()
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{"token": []byte(token), "ca.crt": authority, "namespace": []byte(r.namespace)} {
		if err := os.WriteFile(filepath.Join(accountDir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// mountPlan writes the plan, which the kubelet mounts into the pod of one orchestrator, and returns the folder. It is the run's
// own, since orchestrators that run at once would have one place for it here.
func (r *run) mountPlan(ctx context.Context, role reexec.Role) (dir string, err error) {
	config, err := kube.FindPlan(ctx, r.client, kube.RefOf(role))
	if err != nil {
		return "", err
	}
	encoded := config.BinaryData[plan.FileName]
	if r.kubelet != nil { // there is none where the node is real
		if r.kubelet.Plan, err = plan.Decode(encoded); err != nil {
			return "", err
		}
	}
	dir = filepath.Join(r.dir, role.Run)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	return dir, os.WriteFile(filepath.Join(dir, plan.FileName), encoded, 0o600)
}

// token returns one of the orchestrator's account.
func (r *run) token(ctx context.Context) (string, error) {
	accounts := r.client.CoreV1().ServiceAccounts(r.namespace)
	answer, err := accounts.CreateToken(ctx, kube.OrchestratorAccount, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	return answer.Status.Token, nil
}

func (r *run) authority() ([]byte, error) {
	config := rest.CopyConfig(r.config)
	err := rest.LoadTLSFiles(config)
	return config.CAData, err
}

// environment is what the main container of a pod finds, in the form of [os.Environ].
func environment(pod *corev1.Pod) (all []string) {
	for name, value := range kubelet.Environment(pod) {
		all = append(all, name+"="+value)
	}
	return all
}

// podCommand is the process of the orchestrator's pod, with the arguments that it has there.
func (r *run) podCommand(pod *corev1.Pod, env []string) (command, error) {
	server, err := url.Parse(r.config.Host)
	if err != nil {
		return nil, err
	}
	env = append(env, "KUBERNETES_SERVICE_HOST="+server.Hostname(), "KUBERNETES_SERVICE_PORT="+server.Port())
	return func(ctx context.Context) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, r.program, pod.Spec.Containers[0].Args...)
		cmd.Env = slices.Clone(env)
		return cmd, nil
	}, nil
}

// writeKubeconfig writes the kubeconfig of one who is nothing but the orchestrator's account.
func (r *run) writeKubeconfig(ctx context.Context) (string, error) {
	token, err := r.token(ctx)
	if err != nil {
		return "", err
	}
	authority, err := r.authority()
	if err != nil {
		return "", err
	}
	const name = "bench"
	path := filepath.Join(r.dir, "kubeconfig-"+r.namespace)
	return path, clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{name: {Server: r.config.Host, CertificateAuthorityData: authority}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {Token: token}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, path)
}
