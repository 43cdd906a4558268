package kube

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// RootCA is the ConfigMap with what certifies the API server. The controller manager makes it in every namespace
// (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume).
const RootCA = "kube-root-ca.crt"

// rootCAKey is the key of the certificates in that ConfigMap, in PEM.
const rootCAKey = "ca.crt"

// WantTokenInEnv has the pods of a template get the token of their service account in a variable. It takes the place of the two
// volumes that they would have otherwise, for which the kubelet lets them wait.
func WantTokenInEnv(template *corev1.PodTemplateSpec) {
	main := mainContainer(&template.Spec)
	main.Env = append(main.Env, corev1.EnvVar{Name: reexec.EnvAccountToken})
}

// tokenInEnv tells whether [WantTokenInEnv] was called for the template of a main container.
func tokenInEnv(main *corev1.Container) bool { return accountTokenVar(main) != nil }

func accountTokenVar(main *corev1.Container) *corev1.EnvVar {
	i := slices.IndexFunc(main.Env, func(v corev1.EnvVar) bool { return v.Name == reexec.EnvAccountToken })
	if i < 0 {
		return nil
	}
	return &main.Env[i]
}

// AccountsInEnv returns the service accounts whose tokens the plan's steps get in variables.
func AccountsInEnv(p *plan.Plan) []string {
	var accounts []string
	for _, template := range p.Kubernetes.Templates {
		if tokenInEnv(mainContainer(&template.Spec)) {
			accounts = append(accounts, template.Spec.ServiceAccountName)
		}
	}
	slices.Sort(accounts)
	return slices.Compact(accounts)
}

// putTokenInEnv gives a pod the variables in place of the files.
func putTokenInEnv(ref Ref, pod *corev1.Pod) {
	main := mainContainer(&pod.Spec)
	main.Env = append(main.Env,
		corev1.EnvVar{Name: reexec.EnvAccountToken, ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: ref.accountTokensName(time.Time{})}, Key: pod.Spec.ServiceAccountName,
		}}},
		corev1.EnvVar{Name: reexec.EnvCA, ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: RootCA}, Key: rootCAKey,
		}}},
	)
	if pod.Spec.AutomountServiceAccountToken == nil {
		pod.Spec.AutomountServiceAccountToken = new(false)
	}
}
