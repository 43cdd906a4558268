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
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/org/k8sorch/e2e/bench/internal/audit"
)

// makeNamespace makes a namespace in which pods can be made.
func (l *lab) makeNamespace(ctx context.Context) (string, error) {
	ns, err := l.client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "bench-"}}, metav1.CreateOptions{})
	if err != nil {
		return "", err
	}
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

// patience is how often it is looked whether the controllers are at rest. With stock flags each makes no more than 20 requests a
// second, of which a thousand Jobs leave many to be made.
const patience = 300

// rest waits for a second in which the controllers ask for nothing.
func (l *lab) rest(ctx context.Context) error {
	for range patience {
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
