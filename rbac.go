package pipeline

import (
	"context"
	"errors"
	"slices"

	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
)

// RBAC returns, as YAML, exactly the service accounts, Roles and RoleBindings that runs of the pipeline need with these
// settings, for somebody to apply who may: the generated accounts with their rights, and the rights of an account that
// [KubernetesOrchestratorSettings.ServiceAccountName] names. It asks no cluster, and nothing has to have run before.
func (o *Orchestrator) RBAC(_ context.Context, p *Pipeline, opts ...RunOption) ([]byte, error) {
	s, namespace, err := o.unsubmitted(p, opts)
	if err != nil {
		return nil, err
	}
	objects := append(s.namespaceObjects(namespace), kube.AccountObjects(namespace, s.accounts()...)...)
	if account := s.runSettings().orchestratorAccount(); account != kube.OrchestratorAccount {
		objects = append(objects, kube.GrantObjects(namespace, account, s.orchestratorRights())...)
	}
	return kube.YAML(objects...)
}

// SubmitterRBAC returns, as YAML, the least rights of a user who submits, follows, stops and deletes runs of the pipeline
// where what [Orchestrator.RBAC] returns was applied: Roles, and the RoleBindings of this user. The name is the one by
// which the API server knows the user; that of a service account is system:serviceaccount:NAMESPACE:NAME. It asks no
// cluster.
func (o *Orchestrator) SubmitterRBAC(_ context.Context, p *Pipeline, user string, opts ...RunOption) ([]byte, error) {
	s, namespace, err := o.unsubmitted(p, opts)
	if err != nil {
		return nil, err
	}
	if user == "" {
		return nil, errors.New("rendering the rights of a submitter: name the user, as `kubectl auth whoami` does")
	}
	return kube.YAML(kube.SubmitterObjects(namespace, user, s.tokenInSecret())...)
}

// namespaceObjects returns the namespace, if a run would make it.
func (s *submission) namespaceObjects(namespace string) []kruntime.Object {
	if !s.config.CreateNamespace {
		return nil
	}
	return []kruntime.Object{kube.Namespace(namespace)}
}

// accounts returns the service accounts that the run needs and the settings do not name.
func (s *submission) accounts() []kube.Account {
	var accounts []kube.Account
	if s.runSettings().orchestratorAccount() == kube.OrchestratorAccount {
		accounts = append(accounts, s.generated(s.orchestratorRights()))
	}
	generated := func(n *node) bool { return n.kind == graph.Step && s.stepSettings(n).stepAccount() == kube.StepAccount }
	if slices.ContainsFunc(s.design.nodes, generated) {
		accounts = append(accounts, s.generated(s.stepRights()))
	}
	return accounts
}

// orchestratorRights returns the generated account of the orchestrator, which may ask for the tokens that steps get in variables.
func (s *submission) orchestratorRights() kube.Account {
	var tokensOf []string
	for _, n := range s.design.nodes {
		if n.kind != graph.Step {
			continue
		}
		if settings := s.stepSettings(n); orDefault(settings.StepAccountTokenInEnv, false) {
			tokensOf = append(tokensOf, settings.stepAccount())
		}
	}
	slices.Sort(tokensOf)
	return kube.OrchestratorRights(slices.Compact(tokensOf)...)
}

// generated returns an account as the configuration wants it.
func (s *submission) generated(a kube.Account) kube.Account {
	if s.config.BindEditRole {
		a.ClusterRole = kube.EditRole
	}
	return a
}
