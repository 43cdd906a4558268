package kube

import (
	"context"
	"errors"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// MissingRights returns what of the rules the caller may not do in a namespace, as in "watch pods". Everyone who is
// authenticated may ask that of himself (ClusterRole system:basic-user).
func MissingRights(ctx context.Context, client kubernetes.Interface, namespace string, rules []rbacv1.PolicyRule) ([]string, error) {
	err := checkRights("the caller", rightsOf(namespace, rules), func(right *authorizationv1.ResourceAttributes) (allowed bool, err error) {
		err = persist(ctx, func(ctx context.Context) (err error) {
			allowed, err = askForOwn(ctx, client, right)
			return err
		})
		return allowed, err
	})
	if lacking, ok := errors.AsType[*RightsError](err); ok {
		return lacking.Missing, nil
	}
	return nil, explain("asking for your rights", namespace, err)
}

// PodRules is the right to create pods, with which a submitter has them judged before the run begins.
func PodRules() []rbacv1.PolicyRule { return []rbacv1.PolicyRule{rule("", "pods", "create")} }

// EventRules is the right to read why pods do not run that only events tell.
func EventRules() []rbacv1.PolicyRule { return []rbacv1.PolicyRule{rule("", "events", "list")} }

// AccountRules are the rights to make the accounts of a namespace.
func AccountRules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{
		rule("", "serviceaccounts", "get", "create"),
		rule(rbacv1.GroupName, "roles", "get", "create"),
		rule(rbacv1.GroupName, "rolebindings", "get", "create"),
	}
}

// MissingAccounts returns which of the accounts do not exist. It returns those that exist, or cannot be seen, as there.
func MissingAccounts(ctx context.Context, client kubernetes.Interface, namespace string, accounts ...Account) (missing []string, err error) {
	for _, a := range accounts {
		err := persist(ctx, func(ctx context.Context) error {
			_, err := client.CoreV1().ServiceAccounts(namespace).Get(ctx, a.Name, metav1.GetOptions{})
			return err
		})
		switch {
		case apierrors.IsNotFound(err):
			missing = append(missing, a.Name)
		case err != nil && !apierrors.IsForbidden(err):
			return nil, explain("looking for service account "+a.Name, namespace, err)
		}
	}
	return missing, nil
}

// Judge has the API server judge the run's pods by a dry run of their creation, as a submit does.
func (s Submission) Judge(ctx context.Context, client kubernetes.Interface) error {
	job, _, err := s.Objects()
	if err != nil {
		return err
	}
	return s.rehearse(ctx, client, job)
}
