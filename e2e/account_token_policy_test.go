package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestAPolicyAgainstSecretsInVariables has the cluster refuse the pods that steps with StepAccountTokenInEnv have. It is told
// before anything is made of the run.
func TestAPolicyAgainstSecretsInVariables(t *testing.T) {
	t.Parallel()
	e := newEnvEnforcing(t, "privileged")
	e.denySecretsInVariables(t)
	made := slices.Sorted(slices.Values(append(whats(e.inventory(t)), accounts()...)))
	c := e.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true)}))
	c.wantExit(t, cli.ExitNotSubmitted)
	wantOneError(t, c.stderr.String(), `step "look"`, "the cluster refuses it", "no Secrets in variables")
	if diff := cmp.Diff(made, whats(e.inventory(t))); diff != "" {
		t.Errorf("objects in the namespace (-want +got):\n%s", diff)
	}
}

// denySecretsInVariables makes a policy for the namespace by which no container has a Secret in a variable, and waits until it
// is in force.
func (e *env) denySecretsInVariables(t *testing.T) {
	t.Helper()
	named := metav1.ObjectMeta{Name: e.namespace}
	here := &admissionv1.MatchResources{NamespaceSelector: &metav1.LabelSelector{
		MatchLabels: map[string]string{corev1.LabelMetadataName: e.namespace},
	}}
	admission := e.client.AdmissionregistrationV1()
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: named, Spec: admissionv1.ValidatingAdmissionPolicySpec{
		MatchConstraints: &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{{
			RuleWithOperations: admissionv1.RuleWithOperations{
				Operations: []admissionv1.OperationType{admissionv1.Create},
				Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
			},
		}}},
		Validations: []admissionv1.Validation{{
			Expression: "object.spec.containers.all(c, !has(c.env) || c.env.all(v, !has(v.valueFrom) || !has(v.valueFrom.secretKeyRef)))",
			Message:    "no Secrets in variables",
		}},
	}}
	if _, err := admission.ValidatingAdmissionPolicies().Create(t.Context(), policy, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: named, Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: e.namespace, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny}, MatchResources: here,
	}}
	if _, err := admission.ValidatingAdmissionPolicyBindings().Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// t.Context() is over by now.
		ctx := context.Background()
		if err := admission.ValidatingAdmissionPolicyBindings().Delete(ctx, e.namespace, metav1.DeleteOptions{}); err != nil {
			t.Errorf("deleting the policy's binding: %v", err)
		}
		if err := admission.ValidatingAdmissionPolicies().Delete(ctx, e.namespace, metav1.DeleteOptions{}); err != nil {
			t.Errorf("deleting the policy: %v", err)
		}
	})
	e.awaitDenial(t, "no Secrets in variables")
}

// awaitDenial waits until a pod with a Secret in a variable is refused in these words: the API server takes in a policy some
// time after it was made.
func (e *env) awaitDenial(t *testing.T, words string) {
	t.Helper()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "probe"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{
		Name: "main", Image: "none", Env: []corev1.EnvVar{{Name: "SECRET", ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "none"}, Key: "none"},
		}}},
	}}}}
	var answer error
	if err := wait.PollUntilContextTimeout(t.Context(), 100*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		_, answer = e.client.CoreV1().Pods(e.namespace).Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return answer != nil && strings.Contains(answer.Error(), words), nil
	}); err != nil {
		t.Fatalf("waiting for the policy: %v; a pod is answered with: %v", err, answer)
	}
}
