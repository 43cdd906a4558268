package kube

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Namespace returns the namespace that [Connection.EnsureNamespace] makes.
func Namespace(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{LabelManagedBy: ManagedBy}}}
}

// EnsureNamespace makes the namespace where it does not exist, if the target says so. A caller who may not read namespaces
// learns from the first create in it that it is missing.
func (c *Connection) EnsureNamespace(ctx context.Context) error {
	if !c.createNamespace {
		return nil
	}
	err := persist(ctx, func(ctx context.Context) error {
		_, err := c.Client.CoreV1().Namespaces().Get(ctx, c.Namespace, metav1.GetOptions{})
		switch {
		case apierrors.IsForbidden(err):
			return nil
		case !apierrors.IsNotFound(err):
			return err
		}
		_, err = c.Client.CoreV1().Namespaces().Create(ctx, Namespace(c.Namespace), metav1.CreateOptions{})
		return err
	}, apierrors.IsAlreadyExists)
	return explain("creating namespace "+c.Namespace, c.Namespace, err)
}
