package kube

import (
	"context"
	"fmt"
	"strings"
	"time"

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
	info, err := discovery.ToServerVersionInterfaceWithContext(c.Client.Discovery()).ServerVersionWithContext(ctx)
	if err != nil {
		return Server{}, explain(doing, c.Namespace, err)
	}
	_, arch, _ := strings.Cut(info.Platform, "/")
	// The API server may run elsewhere, but a pod's binary is a Linux one.
	server := Server{Version: info.GitVersion, Platform: "linux/" + arch}
	return server, c.checkNamespace(ctx, doing)
}

// checkNamespace finds a missing namespace before any work goes into a run. Whoever may not read namespaces learns of
// it from the first create.
func (c *Connection) checkNamespace(ctx context.Context, doing string) error {
	if c.given {
		return nil
	}
	ns, err := c.Client.CoreV1().Namespaces().Get(ctx, c.Namespace, metav1.GetOptions{})
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
