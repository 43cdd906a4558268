package kube

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Names of the generated service accounts, and of their Roles and RoleBindings.
const (
	// OrchestratorAccount is the account of orchestrator pods.
	OrchestratorAccount = "k8sorch-orchestrator"
	// StepAccount is the account of step pods.
	StepAccount = "k8sorch-step"
)

// Account is a service account of the namespace with the rights it needs. Accounts outlive runs: all runs of the
// namespace share them.
type Account struct {
	// Name is the account's, and that of its Role and RoleBinding.
	Name string
	// Rules are what the account may do in its namespace.
	Rules []rbacv1.PolicyRule
	// Optional is what it may do besides, without which runs go on all the same.
	Optional []rbacv1.PolicyRule
	// ClusterRole, if set, is bound in the namespace instead of a Role with the rules.
	ClusterRole string
}

// EditRole is the ClusterRole, one of those that every cluster has, that may do nearly everything in a namespace but give
// rights (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles).
const EditRole = "edit"

// OrchestratorRights returns the account of orchestrator pods with exactly the verbs that they use. They give steps the tokens of
// the service accounts that are named.
func OrchestratorRights(tokensOf ...string) Account {
	return Account{Name: OrchestratorAccount, Rules: slices.Concat([]rbacv1.PolicyRule{
		rule("", "pods", "create", "get", "list", "watch", "delete"),
		rule("", "configmaps", "create", "get", "list", "watch"),
		// Its own Job: for the request to stop, and to tell whether the run was deleted.
		rule("batch", "jobs", "get", "list", "watch"),
	}, tokenRules(tokensOf)), Optional: []rbacv1.PolicyRule{
		// They tell of the run on its Job.
		rule("", "events", "create"),
	}}
}

// tokenRules returns the rights to ask for tokens of service accounts, and to make a Secret of them.
func tokenRules(accounts []string) []rbacv1.PolicyRule {
	if len(accounts) == 0 {
		return nil
	}
	tokens := rule("", "serviceaccounts/token", "create")
	tokens.ResourceNames = accounts
	return []rbacv1.PolicyRule{tokens, rule("", "secrets", "create")}
}

// StepRights returns the account of step pods: they make their own records, and read the one that was there first.
func StepRights() Account {
	return Account{Name: StepAccount, Rules: []rbacv1.PolicyRule{rule("", "configmaps", "create", "get")}}
}

// CachingStepRights returns the account of step pods that look for earlier values themselves.
func CachingStepRights() Account {
	return Account{Name: StepAccount, Rules: []rbacv1.PolicyRule{rule("", "configmaps", "create", "get", "list")}}
}

func rule(group, resource string, verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: verbs}
}

// AccountObjects returns what makes up the accounts in a namespace. The service account comes last of each, so that whoever
// finds it there knows that its rights were made before.
func AccountObjects(namespace string, accounts ...Account) []runtime.Object {
	var objects []runtime.Object
	for _, a := range accounts {
		if a.ClusterRole == "" {
			objects = append(objects, a.role(namespace))
		}
		objects = append(objects, a.binding(namespace), a.serviceAccount(namespace))
	}
	return objects
}

// GrantObjects returns what gives a service account of another name, which somebody else has made, the rights of a.
func GrantObjects(namespace, to string, a Account) []runtime.Object {
	binding := a.binding(namespace)
	binding.Name = a.Name + "-" + to
	binding.Subjects[0].Name = to
	return []runtime.Object{a.role(namespace), binding}
}

func (a Account) meta(namespace string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: a.Name, Namespace: namespace, Labels: map[string]string{LabelManagedBy: ManagedBy}}
}

func (a Account) serviceAccount(namespace string) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{ObjectMeta: a.meta(namespace)}
}

func (a Account) role(namespace string) *rbacv1.Role {
	return &rbacv1.Role{ObjectMeta: a.meta(namespace), Rules: slices.Concat(a.Rules, a.Optional)}
}

// binding has a name of its own for each cluster role, because what a binding binds cannot be changed.
func (a Account) binding(namespace string) *rbacv1.RoleBinding {
	binding := &rbacv1.RoleBinding{
		ObjectMeta: a.meta(namespace),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: a.Name},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: a.Name, Namespace: namespace}},
	}
	if a.ClusterRole != "" {
		binding.Name = a.Name + "-" + a.ClusterRole
		binding.RoleRef.Kind, binding.RoleRef.Name = "ClusterRole", a.ClusterRole
	}
	return binding
}
