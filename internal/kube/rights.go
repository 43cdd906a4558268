package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// RightsError says that the service account of an orchestrator lacks rights without which a run would come to a halt.
type RightsError struct {
	// Account is the account as people know it.
	Account string
	// Missing are the rights, as in "watch pods".
	Missing []string
}

// Error implements error.
func (e *RightsError) Error() string {
	return fmt.Sprintf("%s may not %s: apply what Orchestrator.RBAC returns and the command rbac prints, which grants it that, "+
		"or leave ServiceAccountName out", e.Account, strings.Join(e.Missing, ", "))
}

// CheckAccount asks whether a service account, which this library has not made, may do what an orchestrator does that has the
// rights; if not, the error is a [*RightsError]. A caller who may not ask learns nothing.
func CheckAccount(ctx context.Context, client kubernetes.Interface, namespace, account string, rights Account) error {
	if isFake(client) {
		return nil
	}
	name := fmt.Sprintf("service account %s in namespace %s", account, namespace)
	return withoutDenial(checkRights(name, rightsOf(namespace, rights.Rules), func(right *authorizationv1.ResourceAttributes) (bool, error) {
		return askFor(ctx, client, account, right)
	}))
}

// CheckOwnRights asks whether this process's own account has the rights of an orchestrator; if not, the error is a
// [*RightsError]. Rights that were granted a moment ago, and an API server that does not know its Roles yet, are waited
// for.
func CheckOwnRights(ctx context.Context, client kubernetes.Interface, namespace string, rights Account) error {
	if isFake(client) {
		return nil
	}
	return withoutDenial(awaitOwnRights(ctx, client, namespace, rights))
}

func awaitOwnRights(ctx context.Context, client kubernetes.Interface, namespace string, rights Account) error {
	return persist(ctx, func(ctx context.Context) error { return checkOwnRights(ctx, client, namespace, rights) }, isRightsError, apierrors.IsUnauthorized)
}

// checkOwnRights asks for everything at once. Not all authorizers can list what they grant, so what is not on the list is
// asked for again by itself.
func checkOwnRights(ctx context.Context, client kubernetes.Interface, namespace string, rights Account) error {
	review := &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}}
	known, err := client.AuthorizationV1().SelfSubjectRulesReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	listed := policyRules(known.Status.ResourceRules)
	unlisted := slices.DeleteFunc(rightsOf(namespace, rights.Rules), func(r authorizationv1.ResourceAttributes) bool {
		return grants(listed, r.Group, resourceOf(r), r.Verb, r.Name)
	})
	return checkRights("the orchestrator's service account in namespace "+namespace, unlisted, func(right *authorizationv1.ResourceAttributes) (bool, error) {
		return askForOwn(ctx, client, right)
	})
}

// askForOwn asks once for one right of the caller.
func askForOwn(ctx context.Context, client kubernetes.Interface, right *authorizationv1.ResourceAttributes) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: right}}
	answer, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	return err == nil && answer.Status.Allowed, err
}

// askFor asks for one right of an account.
func askFor(ctx context.Context, client kubernetes.Interface, account string, right *authorizationv1.ResourceAttributes) (allowed bool, err error) {
	// How the API server sees the bearer of a service account's token (k8s.io/apiserver/pkg/authentication/serviceaccount).
	const user, all = "system:serviceaccount:", "system:serviceaccounts"
	review := &authorizationv1.LocalSubjectAccessReview{
		ObjectMeta: metav1.ObjectMeta{Namespace: right.Namespace},
		Spec: authorizationv1.SubjectAccessReviewSpec{
			ResourceAttributes: right, User: user + right.Namespace + ":" + account,
			Groups: []string{all, all + ":" + right.Namespace, "system:authenticated"},
		},
	}
	err = persist(ctx, func(ctx context.Context) error {
		answer, err := client.AuthorizationV1().LocalSubjectAccessReviews(right.Namespace).Create(ctx, review, metav1.CreateOptions{})
		allowed = err == nil && answer.Status.Allowed
		return err
	})
	return allowed, err
}

// checkRights asks for each right, for all at the same time.
func checkRights(account string, wanted []authorizationv1.ResourceAttributes, allowed func(*authorizationv1.ResourceAttributes) (bool, error)) error {
	granted := make([]bool, len(wanted))
	var asking errgroup.Group
	for i, right := range wanted {
		asking.Go(func() (err error) {
			granted[i], err = allowed(&right)
			return err
		})
	}
	if err := asking.Wait(); err != nil {
		return fmt.Errorf("asking what %s may do: %w", account, err)
	}
	var missing []string
	for i, right := range wanted {
		if !granted[i] {
			missing = append(missing, strings.TrimSpace(right.Verb+" "+resourceOf(right)+" "+right.Name))
		}
	}
	if len(missing) > 0 {
		return &RightsError{Account: account, Missing: missing}
	}
	return nil
}

// resourceOf is the resource of a right as policy rules have it, as in pods/log.
func resourceOf(r authorizationv1.ResourceAttributes) string {
	return strings.TrimSuffix(r.Resource+"/"+r.Subresource, "/")
}

// rightsOf returns those of rules one by one. Each rule is about one resource or, as in pods/log, one part of it.
func rightsOf(namespace string, rules []rbacv1.PolicyRule) []authorizationv1.ResourceAttributes {
	var all []authorizationv1.ResourceAttributes
	for _, rule := range rules {
		resource, part, _ := strings.Cut(rule.Resources[0], "/")
		for _, verb := range rule.Verbs {
			for _, name := range namesIn(rule) {
				all = append(all, authorizationv1.ResourceAttributes{
					Namespace: namespace, Group: rule.APIGroups[0], Resource: resource, Subresource: part, Verb: verb, Name: name,
				})
			}
		}
	}
	return all
}

func policyRules(rules []authorizationv1.ResourceRule) []rbacv1.PolicyRule {
	var all []rbacv1.PolicyRule
	for _, r := range rules {
		all = append(all, rbacv1.PolicyRule{Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames})
	}
	return all
}

func isRightsError(err error) bool {
	_, ok := errors.AsType[*RightsError](err)
	return ok
}

// withoutDenial drops the answer that one may not ask.
func withoutDenial(err error) error {
	if apierrors.IsForbidden(err) {
		return nil
	}
	return err
}
