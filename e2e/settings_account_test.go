package e2e

import (
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/internal/kube"
)

// TestStepAccount gives one step an account of its own, with the rights of the generated one or none at all. The other
// step keeps the generated account.
func TestStepAccount(t *testing.T) {
	t.Parallel()
	for name, rules := range map[string][]rbacv1.PolicyRule{"rightful": kube.StepRights().Rules, "rightless": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEnv(t)
			e.grant(t, name, rules)
			c := e.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{StepPodServiceAccountName: &name}))
			c.wantExit(t, cli.ExitSucceeded)
			got := c.report(t)
			if got.Look.Account != e.account(name) || got.After != e.account(kube.StepAccount) {
				t.Errorf("the steps were %s and %s, want %s and %s", got.Look.Account, got.After, e.account(name), e.account(kube.StepAccount))
			}
		})
	}
}
