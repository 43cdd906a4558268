package kube

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// AccountsError says that accounts are missing or lack rights and that the caller may not change that.
type AccountsError struct {
	// Namespace is where the accounts belong.
	Namespace string
	// Account is the first one that could not be prepared.
	Account string
	// Manifest is what someone with the rights has to apply, in YAML.
	Manifest []byte
	// Err is the API server's refusal.
	Err error
}

// Error implements error.
func (e *AccountsError) Error() string {
	return fmt.Sprintf("preparing service account %s in namespace %s: %s: "+
		"let someone who may do that apply what Orchestrator.RBAC returns and the command rbac prints",
		e.Account, e.Namespace, e.Err)
}

// Unwrap returns the API server's refusal.
func (e *AccountsError) Unwrap() error { return e.Err }

// EnsureAccounts makes the accounts where they are missing and adds the rights that they lack; it takes none away, since
// runs of another version may need them. A caller who may not, but finds the accounts in order, is not stopped. One who
// does not gets an [*AccountsError].
func EnsureAccounts(ctx context.Context, client kubernetes.Interface, namespace string, accounts ...Account) error {
	for _, a := range accounts {
		err := persist(ctx, func(ctx context.Context) error { return a.ensure(ctx, client, namespace) }, raced)
		switch {
		case err == nil:
		case apierrors.IsForbidden(err) && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
			return missingAccounts(namespace, a.Name, accounts, err)
		default:
			return explain("preparing service account "+a.Name, namespace, err)
		}
	}
	return nil
}

// raced tells that another client changed the same object in the meantime.
func raced(err error) bool { return apierrors.IsAlreadyExists(err) || apierrors.IsConflict(err) }

func missingAccounts(namespace, name string, accounts []Account, cause error) error {
	manifest, err := YAML(AccountObjects(namespace, accounts...)...)
	if err != nil {
		return err
	}
	return &AccountsError{Namespace: namespace, Account: name, Manifest: manifest, Err: cause}
}

// ensure follows the order of [AccountObjects]. Who cannot see the rights relies on the account itself, which is made last.
func (a Account) ensure(ctx context.Context, client kubernetes.Interface, namespace string) error {
	roleSeen, err := a.ensureRole(ctx, client, namespace)
	if err != nil {
		return err
	}
	bindingSeen, err := ensureObject(ctx, client.RbacV1().RoleBindings(namespace), a.binding(namespace), mendBinding)
	if err != nil {
		return err
	}
	if roleSeen && bindingSeen {
		_, err = ensureObject(ctx, client.CoreV1().ServiceAccounts(namespace), a.serviceAccount(namespace), mendAccount)
		return err
	}
	return a.look(ctx, client, namespace)
}

// ensureRole has nothing to do for an account with a ClusterRole.
func (a Account) ensureRole(ctx context.Context, client kubernetes.Interface, namespace string) (seen bool, err error) {
	if a.ClusterRole != "" {
		return true, nil
	}
	seen, err = ensureObject(ctx, client.RbacV1().Roles(namespace), a.role(namespace), mendRole)
	if apierrors.IsForbidden(err) && len(a.Optional) > 0 {
		// Whoever may not add rights is stopped only by those that are needed.
		a.Optional = nil
		return a.ensureRole(ctx, client, namespace)
	}
	return seen, err
}

// look makes sure that the account exists, as far as the caller may see; where not, the first pod will tell.
func (a Account) look(ctx context.Context, client kubernetes.Interface, namespace string) error {
	_, err := client.CoreV1().ServiceAccounts(namespace).Get(ctx, a.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsForbidden(err):
		return nil
	case apierrors.IsNotFound(err):
		return apierrors.NewForbidden(rbacv1.Resource("roles"), a.Name, errors.New("it does not exist, and you may not make it"))
	}
	return err
}

// ensureObject makes sure that an object is there and has all that want has. It returns false where the caller can neither see
// nor make it.
func ensureObject[T apiObject](ctx context.Context, s apiClient[T], want T, mend func(there, want T) (changed bool, err error)) (bool, error) {
	there, err := s.Get(ctx, want.GetName(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		_, err = s.Create(ctx, want, metav1.CreateOptions{})
		return true, err
	case apierrors.IsForbidden(err):
		return makeUnseen(ctx, s, want)
	case err != nil:
		return false, err
	}
	there = there.DeepCopyObject().(T)
	changed, err := mend(there, want)
	if changed && err == nil {
		_, err = s.Update(ctx, there, metav1.UpdateOptions{})
	}
	return true, err
}

func makeUnseen[T apiObject](ctx context.Context, s apiClient[T], want T) (bool, error) {
	_, err := s.Create(ctx, want, metav1.CreateOptions{})
	if apierrors.IsForbidden(err) || apierrors.IsAlreadyExists(err) {
		return false, nil
	}
	return true, err
}
