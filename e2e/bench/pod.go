package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
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
	planDir    = runDir + "/k8sorch"
	reportFile = runDir + "/termination-log"
)

// playPod makes room for what a pod has below /run, in the cluster's own mount namespace, which ends with it.
func playPod() error {
	if err := syscall.Mount("tmpfs", runDir, "tmpfs", 0, "mode=0755"); err != nil {
		return fmt.Errorf("mounting %s: %w", runDir, err)
	}
	for _, dir := range []string{accountDir, planDir} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// furnish writes what the kubelet mounts into the orchestrator's pod: the plan, and its account's token.
func (r *run) furnish(ctx context.Context, role reexec.Role) (*plan.Plan, error) {
	config, err := kube.FindPlan(ctx, r.client, kube.RefOf(role))
	if err != nil {
		return nil, err
	}
	encoded := config.BinaryData[plan.FileName]
	token, err := r.token(ctx)
	if err != nil {
		return nil, err
	}
	authority, err := r.authority()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		filepath.Join(planDir, plan.FileName): encoded, filepath.Join(accountDir, "token"): []byte(token),
		filepath.Join(accountDir, "ca.crt"): authority, filepath.Join(accountDir, "namespace"): []byte(r.namespace),
	}
	for path, content := range files {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
	}
	return plan.Decode(encoded)
}

// token returns one of the orchestrator's account.
func (r *run) token(ctx context.Context) (string, error) {
	answer, err := r.client.CoreV1().ServiceAccounts(r.namespace).CreateToken(ctx, kube.OrchestratorAccount, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
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

// podCommand is the process of the orchestrator's pod, with the arguments and the environment that it has there.
func (r *run) podCommand(ctx context.Context, pod *corev1.Pod) (*exec.Cmd, error) {
	server, err := url.Parse(r.config.Host)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, r.program, pod.Spec.Containers[0].Args...)
	for name, value := range kubelet.Environment(pod) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, "KUBERNETES_SERVICE_HOST="+server.Hostname(), "KUBERNETES_SERVICE_PORT="+server.Port(),
		reexec.EnvReport+"="+reportFile)
	return cmd, nil
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
