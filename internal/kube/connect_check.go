package kube

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
)

// checkTimeout bounds the first exchange with the cluster: a person waits for it.
const checkTimeout = 20 * time.Second

// Server is what a cluster says of itself.
type Server struct {
	// Version is the API server's, as in "v1.37.2".
	Version string
	// Platform is what images have to be built for, as in "linux/amd64": the API server's own architecture, which is
	// its nodes' on all but mixed clusters.
	Platform string
}

// Check makes sure that the cluster answers and that the namespace exists, or will, as far as the caller may see.
func (c *Connection) Check(ctx context.Context) (Server, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	doing := "connecting by " + c.Source
	info, err := insist(ctx, discovery.ToServerVersionInterfaceWithContext(c.Client.Discovery()).ServerVersionWithContext)
	if err != nil {
		return Server{}, explain(doing, c.Namespace, err)
	}
	_, arch, _ := strings.Cut(info.Platform, "/")
	// The API server may run elsewhere, but a pod's binary is a Linux one.
	server := Server{Version: info.GitVersion, Platform: "linux/" + arch}
	return server, c.checkNamespace(ctx, doing)
}

// insist is [persist] for the first exchange. A server that answers that it cannot answer now is asked again; one that is out
// of reach is most likely none, and the address wrong.
func insist[T any](ctx context.Context, ask func(context.Context) (T, error)) (answer T, err error) {
	// The last answer tells more than what ended the waiting.
	_ = persist(ctx, func(ctx context.Context) error {
		answer, err = ask(ctx)
		if _, answered := errors.AsType[*apierrors.StatusError](err); err != nil && !answered {
			return backoff.Permanent(err)
		}
		return err
	})
	return answer, err
}

// checkNamespace finds a missing namespace before any work goes into a run. Whoever may not read namespaces learns of
// it from the first create.
func (c *Connection) checkNamespace(ctx context.Context, doing string) error {
	if c.given {
		return nil
	}
	ns, err := insist(ctx, func(ctx context.Context) (*corev1.Namespace, error) {
		return c.Client.CoreV1().Namespaces().Get(ctx, c.Namespace, metav1.GetOptions{})
	})
	switch {
	case apierrors.IsForbidden(err), apierrors.IsNotFound(err) && c.createNamespace:
		return nil
	case apierrors.IsNotFound(err):
		return fmt.Errorf("%s: %w", doing, missingNamespace(c.Namespace, err))
	case err != nil:
		return explain(doing, c.Namespace, err)
	case ns.Status.Phase == corev1.NamespaceTerminating:
		return fmt.Errorf("%s: namespace %s is being deleted: use another one, or wait and create it again", doing, c.Namespace)
	}
	return nil
}
