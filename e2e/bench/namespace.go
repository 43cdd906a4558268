package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

// makeNamespace makes a namespace in which pods can be made.
func (l *lab) makeNamespace(ctx context.Context) (string, error) {
	ns, err := l.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "bench-"}}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
	l.used = append(l.used, ns.Name)
	err = wait.PollUntilContextCancel(ctx, often, true, func(ctx context.Context) (bool, error) {
		_, err := l.client.CoreV1().ServiceAccounts(ns.Name).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, ignoreNotFound(err)
	})
	if err != nil {
		return "", fmt.Errorf("waiting for the default service account: %w", err)
	}
	return ns.Name, nil
}

// often is how often it is asked whether what is waited for is there.
const often = 50 * time.Millisecond

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// crowd is how many steps may have left their pods in the cluster. When 12,500 pods have ended the controller manager begins to
// delete them (--terminated-pod-gc-threshold).
const crowd = 8000

// makeRoom waits until the controllers are at rest, and before that deletes the namespaces of earlier runs, but only where
// there would be too many steps: it takes longer than most runs, and these do not see each other.
func (l *lab) makeRoom(ctx context.Context, steps int) error {
	if len(l.used) == 0 {
		return nil
	}
	if l.steps+steps > crowd {
		if err := l.deleteNamespaces(ctx); err != nil {
			return err
		}
	}
	return l.rest(ctx)
}

// deleteNamespaces deletes those of earlier runs and waits until nothing of them is left.
func (l *lab) deleteNamespaces(ctx context.Context) error {
	namespaces := l.client.CoreV1().Namespaces()
	for _, name := range l.used {
		if err := l.endOrchestrators(ctx, name); err != nil {
			return err
		}
		if err := namespaces.Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
			return err
		}
	}
	for _, name := range l.used {
		err := wait.PollUntilContextCancel(ctx, often, true, func(ctx context.Context) (bool, error) {
			_, err := namespaces.Get(ctx, name, metav1.GetOptions{})
			return apierrors.IsNotFound(err), ignoreNotFound(err)
		})
		if err != nil {
			return fmt.Errorf("waiting for the end of namespace %s: %w", name, err)
		}
	}
	l.used, l.steps = nil, 0
	return nil
}

// endOrchestrators says of the pods of orchestrators that they have ended, as their kubelet would: the API server waits with the
// deletion of what is bound to a node until it has ended, and all of the namespace waits for its pods.
func (l *lab) endOrchestrators(ctx context.Context, namespace string) error {
	pods := l.client.CoreV1().Pods(namespace)
	list, err := pods.List(ctx, metav1.ListOptions{LabelSelector: kube.LabelRole + "=" + string(reexec.Orchestrator)})
	if err != nil {
		return err
	}
	patch := fmt.Appendf(nil, `{"status":{"phase":%q}}`, corev1.PodSucceeded)
	for _, pod := range list.Items {
		if _, err := pods.Patch(ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
			return err
		}
	}
	return nil
}

// rest waits for a second in which the controllers ask for nothing.
func (l *lab) rest(ctx context.Context) error {
	for range 60 {
		if _, err := l.requests(ctx); err != nil {
			return err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
		requests, err := l.requests(ctx)
		if err != nil {
			return err
		}
		if !busy(requests) {
			return nil
		}
	}
	return errors.New("the controllers do not come to rest")
}

// busy tells whether a controller has asked for objects.
func busy(requests []audit.Request) bool {
	for _, r := range requests {
		if strings.HasPrefix(r.User, "system:serviceaccount:kube-system:") && r.Namespace != "" && r.Verb != "watch" {
			return true
		}
	}
	return false
}
