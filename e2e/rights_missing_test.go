package e2e

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
	"github.com/org/k8sorch/internal/kube"
)

// TestOrchestratorWithoutARight takes each right of the orchestrator away in turn. A client who may ask what the account
// may do tells before anything is made.
func TestOrchestratorWithoutARight(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	missing := rightsOf(kube.OrchestratorRights())
	for _, right := range missing {
		e.grant(t, accountWithout(right), without(kube.OrchestratorRights(), right))
	}
	before := whats(e.inventory(t))
	for _, right := range missing {
		c := e.start(t, orchestratedBy(t, accountWithout(right)))
		c.wantExit(t, cli.ExitNotSubmitted)
		wantOneError(t, c.stderr.String(), "service account "+accountWithout(right)+" in namespace "+e.namespace+" may not "+right.String()+":", "rbac")
	}
	if diff := cmp.Diff(before, whats(e.inventory(t))); diff != "" {
		t.Errorf("objects in the namespace (-before +after):\n%s", diff)
	}
}

// TestOrchestratorFindsThatItLacksARight is the same for a client who may not ask: the orchestrator says it, and starts
// no step.
func TestOrchestratorFindsThatItLacksARight(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.grant(t, "submitter", kube.SubmitterRules())
	submitter := s.as(t, "submitter")
	clients := map[right]*client{}
	// What the steps need, which a submitter cannot make.
	s.grant(t, kube.StepAccount, kube.StepRights().Rules)
	for _, right := range rightsOf(kube.OrchestratorRights()) {
		s.grant(t, accountWithout(right), without(kube.OrchestratorRights(), right))
		clients[right] = submitter.start(t, orchestratedBy(t, accountWithout(right)))
	}
	for right, c := range clients {
		c.wantExit(t, cli.ExitFailed)
		wantOneError(t, c.stderr.String(), "its orchestrator ended before the run did", "service account in namespace "+s.namespace+" may not "+right.String()+":", "rbac")
	}
	if started := s.attempts(); len(started) > 0 {
		t.Errorf("steps were started: %v", started)
	}
}

// TestStepWithoutARight takes each right of the steps away in turn: the run succeeds without.
func TestStepWithoutARight(t *testing.T) {
	t.Parallel()
	e := newEnv(t)
	clients := map[right]*client{}
	for _, right := range rightsOf(kube.StepRights()) {
		account := accountWithout(right)
		e.grant(t, account, without(kube.StepRights(), right))
		settings := withSettings(t, pipeline.KubernetesOrchestratorSettings{StepPodServiceAccountName: &account})
		clients[right] = e.start(t, command{program: built(t, buildFlaky), env: []string{settings}})
	}
	for right, c := range clients {
		c.wantExit(t, cli.ExitSucceeded)
		if diff := cmp.Diff(flakyReport, c.stdout.String()); diff != "" {
			t.Errorf("report without the right to %s (-want +got):\n%s", right, diff)
		}
	}
}

// flakyReport is what the program flaky prints in the end.
const flakyReport = "hello after 2 attempts\n"

func accountWithout(r right) string { return "may-not-" + strings.ReplaceAll(r.String(), " ", "-") }

// orchestratedBy starts the program flaky with a service account for the orchestrator.
func orchestratedBy(t *testing.T, account string) command {
	t.Helper()
	settings := withSettings(t, pipeline.KubernetesOrchestratorSettings{ServiceAccountName: &account})
	return command{program: built(t, buildFlaky), env: []string{settings}}
}
