package kube

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// Token is a token that the steps of a run get from a Secret.
type Token struct {
	// Value is the token. It goes into the Secret and nowhere else.
	Value string
	// Deleter is the service account that gets the right to delete the Secret; empty where it has that already.
	Deleter string
}

// tokenKey is the key of the token in its Secret.
const tokenKey = "token"

// TokenVar returns the variable of steps that refers to the run's Secret.
func TokenVar(ref Ref) corev1.EnvVar {
	return corev1.EnvVar{Name: reexec.EnvToken, ValueFrom: &corev1.EnvVarSource{
		SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: ref.TokenName()}, Key: tokenKey},
	}}
}

// PlainTokenVar returns the variable of steps that has the token itself. In the value of a variable, $(NAME) would be
// replaced, and $$ is a $.
func PlainTokenVar(token string) corev1.EnvVar {
	return corev1.EnvVar{Name: reexec.EnvToken, Value: strings.ReplaceAll(token, "$", "$$")}
}

// tokenSecretOf returns the name of the Secret with the run's own token; empty where it has none. That of a schedule is for the
// runs to come, too.
func tokenSecretOf(p *plan.Plan) string {
	if v := p.Kubernetes.Token; v != nil && v.ValueFrom != nil && p.Schedule == "" {
		return v.ValueFrom.SecretKeyRef.Name
	}
	return ""
}

// TokenObjects returns the Secret, without its value, and the right to delete it.
func (s Submission) TokenObjects() []runtime.Object {
	if s.Token == nil {
		return nil
	}
	objects := []runtime.Object{&corev1.Secret{ObjectMeta: s.tokenMeta()}}
	if s.Token.Deleter != "" {
		objects = append(objects, s.tokenRole(), s.tokenBinding())
	}
	return objects
}

func (s Submission) tokenMeta() metav1.ObjectMeta {
	meta := metav1.ObjectMeta{Name: s.Ref.TokenName(), Namespace: s.Ref.Namespace, Labels: s.Ref.Labels()}
	if s.Ref.JobUID != "" {
		meta.OwnerReferences = []metav1.OwnerReference{s.Ref.jobOwner()}
	}
	return meta
}

func (s Submission) tokenRole() *rbacv1.Role {
	only := rule("", "secrets", "delete")
	only.ResourceNames = []string{s.Ref.TokenName()}
	return &rbacv1.Role{ObjectMeta: s.tokenMeta(), Rules: []rbacv1.PolicyRule{only}}
}

func (s Submission) tokenBinding() *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: s.tokenMeta(),
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: s.Ref.TokenName()},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: s.Token.Deleter, Namespace: s.Ref.Namespace}},
	}
}

// furnishToken makes the Secret, and the right to delete it as far as the caller may give it.
func (s Submission) furnishToken(ctx context.Context, client kubernetes.Interface) error {
	if s.Token == nil {
		return nil
	}
	secret := &corev1.Secret{ObjectMeta: s.tokenMeta(), Immutable: new(true), Data: map[string][]byte{tokenKey: []byte(s.Token.Value)}}
	if err := createNew(ctx, client.CoreV1().Secrets(s.Ref.Namespace), secret); err != nil {
		return explain("creating Secret "+secret.Name, s.Ref.Namespace, err)
	}
	err := s.grantDeletion(ctx, client)
	if apierrors.IsForbidden(err) {
		s.tell(fmt.Sprintf("Secret %s with the run's token stays until the run is deleted, or until a client that may delete it has waited "+
			"for the run's end: the orchestrator cannot be given the right to: %v", secret.Name, err))
		return nil
	}
	return explain("granting the deletion of Secret "+secret.Name, s.Ref.Namespace, err)
}

func (s Submission) grantDeletion(ctx context.Context, client kubernetes.Interface) error {
	if s.Token.Deleter == "" {
		return nil
	}
	if err := createNew(ctx, client.RbacV1().Roles(s.Ref.Namespace), s.tokenRole()); err != nil {
		return err
	}
	return createNew(ctx, client.RbacV1().RoleBindings(s.Ref.Namespace), s.tokenBinding())
}

func (s Submission) tell(text string) {
	if s.Notice != nil {
		s.Notice(text)
	}
}

// createNew creates an object that the caller may not be able to read. One that is there is an earlier run's of the same
// name, and is waited out, unless an earlier try got no answer.
func createNew[T apiObject](ctx context.Context, s apiClient[T], want T) error {
	unanswered := false
	return persist(ctx, func(ctx context.Context) error {
		_, err := s.Create(ctx, want, metav1.CreateOptions{})
		switch {
		case apierrors.IsAlreadyExists(err) && unanswered:
			return nil
		case apierrors.IsAlreadyExists(err):
			return errRemains
		}
		unanswered = unanswered || Retryable(err)
		return err
	}, isRemains)
}

// DeleteToken deletes the Secret with the run's token. It is no error that there is none, any more or at all.
func DeleteToken(ctx context.Context, client kubernetes.Interface, namespace string, p *plan.Plan) error {
	name := tokenSecretOf(p)
	if name == "" {
		return nil
	}
	err := persist(ctx, func(ctx context.Context) error {
		return client.CoreV1().Secrets(namespace).Delete(ctx, name, metav1.DeleteOptions{})
	})
	if gone(err) {
		return nil
	}
	return explain("deleting Secret "+name, namespace, err)
}
