package boot

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// waitReady waits until the API server has finished starting.
func waitReady(ctx context.Context, client kubernetes.Interface) error {
	return until(ctx, "the API server", func(ctx context.Context) error {
		_, err := client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err
	})
}

// waitForNode waits until pods can be scheduled to the node.
func waitForNode(ctx context.Context, client kubernetes.Interface, name string) error {
	return until(ctx, "the node", func(ctx context.Context) error {
		node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		return schedulable(node)
	})
}

func schedulable(node *corev1.Node) error {
	if len(node.Spec.Taints) > 0 {
		return fmt.Errorf("taints are left: %v", node.Spec.Taints)
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type != corev1.NodeReady {
			continue
		}
		if condition.Status != corev1.ConditionTrue {
			return fmt.Errorf("not ready: %s", condition.Message)
		}
		return nil
	}
	return errors.New("no word of it yet")
}

// waitForServiceAccount waits until pods can be made in the namespace default, which refuses them before.
func waitForServiceAccount(ctx context.Context, client kubernetes.Interface) error {
	return until(ctx, "the default service account", func(ctx context.Context) error {
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

func waitForFile(ctx context.Context, path string) error {
	return until(ctx, path, func(context.Context) error {
		_, err := os.Stat(path)
		return err
	})
}

// until tries the check until it passes. When ctx ends first, the error is the check's last one.
func until(ctx context.Context, what string, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextCancel(ctx, 100*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		last = check(ctx)
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("waiting for %s: %w", what, last)
	}
	return nil
}
