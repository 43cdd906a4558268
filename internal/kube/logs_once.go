package kube

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes"
)

// ErrNoLog is returned for a log that is not there: not yet, or not any more.
var ErrNoLog = errors.New("there is no log")

// ReadLog passes on what the main container of a pod has written so far: the last lines, at most so many, or all of them when
// tail is 0.
func ReadLog(ctx context.Context, client kubernetes.Interface, namespace, pod string, tail int, line func(string)) error {
	l := &podLog{client: client, namespace: namespace, pod: pod, container: MainContainer, sink: line}
	err := persist(ctx, func(ctx context.Context) error {
		options := &corev1.PodLogOptions{}
		if tail > 0 {
			options.TailLines = new(int64(tail))
		}
		return l.read(ctx, options)
	})
	doing := "reading the log of pod " + pod
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("%s: %w any more: the pod is gone", doing, ErrNoLog)
	case waitsToStart(err):
		return fmt.Errorf("%s: %w yet: its container has not started", doing, ErrNoLog)
	}
	return explain(doing, namespace, err)
}

// TailLogs returns the last lines of [ReadLog].
func TailLogs(ctx context.Context, client kubernetes.Interface, namespace, pod string, tail int) (lines []string, err error) {
	err = ReadLog(ctx, client, namespace, pod, tail, func(line string) { lines = append(lines, line) })
	return lines, err
}
