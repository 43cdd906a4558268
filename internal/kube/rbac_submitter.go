package kube

import (
	"crypto/sha256"
	"encoding/hex"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// SubmitterRole is the name of the Role of users who submit runs. That for tokens has a name that ends in -token.
const SubmitterRole = "k8sorch-submitter"

// SubmitterRules returns the least that a user needs who submits runs, follows, stops, retries and deletes them, and makes,
// changes and deletes schedules, in a namespace where the accounts are.
func SubmitterRules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule("batch", "jobs", "create", "get", "list", "watch", "patch", "delete"),
		rule("batch", "cronjobs", "create", "get", "list", "update", "delete"),
		// To patch is for retries; to delete for retries, and for the plans of a schedule that has changed.
		rule("", "configmaps", "create", "get", "list", "watch", "patch", "delete"),
		// To delete is for the pods of steps, when a run is stopped that has no orchestrator to do so.
		rule("", "pods", "list", "watch", "patch", "delete"),
		rule("", "pods/log", "get"),
	}
}

// TokenRules returns what a submitter needs besides where runs get a token: to make its Secret, to renew that of a schedule and
// to delete that of a run, and to pass the right to delete it on to the orchestrator, which Kubernetes allows to those only who
// have that right themselves (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping).
func TokenRules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule("", "secrets", "create", "patch", "delete"),
		rule(rbacv1.GroupName, "roles", "create"),
		rule(rbacv1.GroupName, "rolebindings", "create"),
	}
}

// SubmitterObjects returns what gives a user these rights in a namespace, with a token or without. Each user has bindings of
// their own, and the rights for a token a Role of their own, so that applying this for one user, or for one pipeline, takes
// nothing from others.
func SubmitterObjects(namespace, user string, token bool) []runtime.Object {
	objects := userObjects(namespace, user, Account{Name: SubmitterRole, Rules: SubmitterRules()})
	if token {
		objects = append(objects, userObjects(namespace, user, Account{Name: SubmitterRole + "-token", Rules: TokenRules()})...)
	}
	return objects
}

// userObjects returns what gives a user the rights of an account.
func userObjects(namespace, user string, a Account) []runtime.Object {
	binding := a.binding(namespace)
	sum := sha256.Sum256([]byte(user))
	// Not all that a user's name may have is allowed in the name of an object.
	binding.Name += "-" + hex.EncodeToString(sum[:])[:8]
	binding.Subjects = []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}}
	return []runtime.Object{a.role(namespace), binding}
}
