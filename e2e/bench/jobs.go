package main

import (
	"context"
	"os"
	"os/exec"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/kube"
)

// prepareJobs makes ready what a stand-in needs whose steps are Jobs: an account that may make them.
func (r *run) prepareJobs(ctx context.Context) (start func(context.Context) ([]process, error), err error) {
	meta := metav1.ObjectMeta{Name: kube.OrchestratorAccount}
	if _, err := r.client.CoreV1().ServiceAccounts(r.namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: meta}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	_, err = r.client.RbacV1().RoleBindings(r.namespace).Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: kube.EditRole},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: kube.OrchestratorAccount, Namespace: r.namespace}},
	}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	command, err := r.standInCommand(ctx, nil)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]process, error) { return r.drive(ctx, command) }, sleep(ctx, settle)
}

// standInCommand is the process of a stand-in, which has what it knows of the run from the environment, if it has one.
func (r *run) standInCommand(ctx context.Context, env []string) (command, error) {
	kubeconfig, err := r.writeKubeconfig(ctx)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"-standin", r.System, "-shape", r.Shape, "-kubeconfig", kubeconfig, "-namespace", r.namespace, "-image", r.image}
	return func(ctx context.Context) (*exec.Cmd, error) {
		cmd := exec.CommandContext(ctx, self, args...)
		cmd.Env = env
		return cmd, nil
	}, nil
}
