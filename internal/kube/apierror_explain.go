package kube

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"regexp"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// AccessError says that the caller's account lacks a right. Its text names the account, the verb, the resource and the
// namespace, in the API server's own words, and what to do.
type AccessError struct {
	// Doing is what was being done, as in "creating Job train-7".
	Doing string
	// Err is the API server's answer.
	Err error
}

// Error implements error.
func (e *AccessError) Error() string {
	return fmt.Sprintf("%s: %s: have the right granted to this account, or use another one", e.Doing, e.Err)
}

// Unwrap returns the API server's answer.
func (e *AccessError) Unwrap() error { return e.Err }

// explain puts an API call's error into words that name the thing and, where there is one, the remedy. Doing is a
// gerund phrase that names the object.
func explain(doing, namespace string, err error) error {
	switch {
	case err == nil:
		return nil
	case apierrors.IsNotFound(err) && about(err, "namespaces"):
		return fmt.Errorf("%s: %w", doing, missingNamespace(namespace, err))
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return fmt.Errorf("%s: namespace %s is being deleted: use another one, or wait and create it again: %w", doing, namespace, err)
	case accessDenied(err):
		return &AccessError{Doing: doing, Err: err}
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("%s: the API server does not accept the credentials: log in again: %w", doing, err)
	case tooLarge(err):
		return fmt.Errorf("%s: it is larger than the cluster stores in one object: %w", doing, err)
	default:
		return fmt.Errorf("%s: %w", doing, reachable(err))
	}
}

func missingNamespace(namespace string, err error) error {
	return fmt.Errorf("namespace %s does not exist: create it with `kubectl create namespace %s`, "+
		"or have it created with Config.CreateNamespace (flag --create-namespace): %w", namespace, namespace, err)
}

// about tells whether the API server's answer is about an object of this resource.
func about(err error, resource string) bool {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	return ok && status.ErrStatus.Details != nil && status.ErrStatus.Details.Kind == resource
}

// denial is how every authorizer begins its refusal (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters). Refusals
// of admission, which are forbidden too, look different.
var denial = regexp.MustCompile(`User ".*" cannot \S+ (resource|path) "`)

// accessDenied tells a missing right from a refusal by admission.
func accessDenied(err error) bool {
	return apierrors.IsForbidden(err) && denial.MatchString(err.Error())
}

// reachable returns err as it is, unless it says that the API server could not be reached: then it gets the address,
// the cause and the remedy.
func reachable(err error) error {
	call, ok := errors.AsType[*url.Error](err)
	switch {
	case !ok:
		return err
	case errors.Is(err, context.Canceled):
		return call.Err
	}
	host := hostOf(call.URL)
	if untrusted(err) {
		return fmt.Errorf("the API server at %s cannot be trusted: give the certificate authority of this cluster: %w", host, call.Err)
	}
	cause := call.Err
	if errors.Is(err, context.DeadlineExceeded) {
		cause = fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)
	}
	return fmt.Errorf("the API server at %s cannot be reached: check that the cluster is up and that this is its address: %w", host, cause)
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}

func untrusted(err error) bool {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, host := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	return unknown || host || invalid
}
