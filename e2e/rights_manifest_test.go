package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/internal/kube"
)

// TestClientWhoMayNotMakeAccounts follows such a user through what they see: the error has the manifest, somebody else
// applies it, and the next run succeeds.
func TestClientWhoMayNotMakeAccounts(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	lookers := rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"serviceaccounts"}, Verbs: []string{"get"}}
	e.grant(t, "submitter", append(kube.SubmitterRules(), lookers))
	before := whats(e.inventory(t))
	program := command{program: built(t, buildFlaky)}

	c := e.as(t, "submitter").start(t, program)
	c.wantExit(t, cli.ExitNotSubmitted)
	wantOneError(t, c.stderr.String(), "preparing service account k8sorch-orchestrator in namespace "+e.namespace, "apply")
	if diff := cmp.Diff(before, whats(e.inventory(t))); diff != "" {
		t.Errorf("objects in the namespace (-before +after):\n%s", diff)
	}
	_, manifest, _ := strings.Cut(c.stderr.String(), "The manifest to apply:\n")
	e.apply(t, manifest)

	c = e.as(t, "submitter").start(t, program)
	c.wantExit(t, cli.ExitSucceeded)
	if diff := cmp.Diff(flakyReport, c.stdout.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	wantText(t, c.stderr.String(), "[second] greets times=2")
}

// apply makes the objects of a manifest, each in the namespace that it names.
func (e *env) apply(t *testing.T, manifest string) {
	t.Helper()
	for document := range strings.SplitSeq(manifest, "\n---\n") {
		object, _, err := scheme.Codecs.UniversalDeserializer().Decode([]byte(document), nil, nil)
		if err != nil {
			t.Fatalf("reading the manifest: %v\n%s", err, document)
		}
		switch o := object.(type) {
		case *rbacv1.Role:
			_, err = e.client.RbacV1().Roles(o.Namespace).Create(t.Context(), o, metav1.CreateOptions{})
		case *rbacv1.RoleBinding:
			_, err = e.client.RbacV1().RoleBindings(o.Namespace).Create(t.Context(), o, metav1.CreateOptions{})
		case *corev1.ServiceAccount:
			_, err = e.client.CoreV1().ServiceAccounts(o.Namespace).Create(t.Context(), o, metav1.CreateOptions{})
		default:
			t.Errorf("the manifest has a %T", object)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
