package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/cli"
)

// TestRBACPreparesANamespace applies what rbac prints, before anything ran, and then submits as the user that it was
// printed for.
func TestRBACPreparesANamespace(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	program := built(t, buildFlaky)
	const user = "submitter"
	printed := e.start(t, command{program: program, args: []string{"rbac", "--submitter", "system:serviceaccount:" + e.namespace + ":" + user}})
	printed.wantExit(t, cli.ExitSucceeded)
	e.apply(t, printed.stdout.String())
	e.makeAccount(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: user}})

	c := e.as(t, user).start(t, command{program: program})
	c.wantExit(t, cli.ExitSucceeded)
	if diff := cmp.Diff(flakyReport, c.stdout.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
