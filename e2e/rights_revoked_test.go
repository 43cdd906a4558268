package e2e

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/internal/kube"
)

// TestRightTakenAwayDuringARun shows that such a run waits, says what for, and goes on when the right is back.
func TestRightTakenAwayDuringARun(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	c := s.start(t, command{program: built(t, buildFaults), args: []string{"--how", "hang"}})
	pod := s.running(t, "victim")
	s.regrant(t, without(kube.OrchestratorRights(), right{"create", "configmaps"}))
	if err := s.client.CoreV1().Pods(s.namespace).Delete(t.Context(), pod.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	c.stderr.waitFor(t, "the orchestrator says", `step "victim"`, `cannot create resource "configmaps"`)

	s.regrant(t, kube.OrchestratorRights().Rules)
	s.attempt(t, "victim", 2)
	s.requestStop(t, pod.Labels[labelRun], "the right is back")
	c.wantExit(t, cli.ExitStopped)
}

// regrant gives the generated account of orchestrators other rights.
func (e *env) regrant(t *testing.T, rules []rbacv1.PolicyRule) {
	t.Helper()
	roles := e.client.RbacV1().Roles(e.namespace)
	role, err := roles.Get(t.Context(), kube.OrchestratorAccount, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	role.Rules = rules
	if _, err := roles.Update(t.Context(), role, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}
