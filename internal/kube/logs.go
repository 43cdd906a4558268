package kube

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/pause"
)

// logEnding bounds what is done about a log after its container has ended: how long the stream may go on, and how long
// the last read may take. A node that is gone answers neither.
const logEnding = 10 * time.Second

// podLog is the log of one container.
type podLog struct {
	client                    kubernetes.Interface
	namespace, pod, container string
	sink                      func(line string)
	cursor                    logCursor
	// tail is how many of the last lines the first stream begins with; 0 for all.
	tail int64
}

// follow passes on the lines of the log, from the first one, until the container has ended and the last line is read, or
// the pod is gone. Streams that break, and those that the kubelet ends when it rotates the log, are opened again where
// they were. An error means that the log could not be read, and nothing about the container: ctx has ended, or the
// account may not read logs. Over is closed by someone who knows that the container has ended.
func (l *podLog) follow(ctx context.Context, over <-chan struct{}) error {
	pauses := pause.Growing(200 * time.Millisecond)
	for !closed(over) {
		before := l.cursor.lines
		err := l.stream(ctx, over)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case accessDenied(err):
			return explain("reading the log of pod "+l.pod, l.namespace, err)
		case closed(over) || l.hasEnded(ctx):
			return l.readRest(ctx)
		case l.cursor.lines > before:
			pauses.Reset()
		}
		sleep(ctx, over, pauses.NextBackOff())
	}
	return l.readRest(ctx)
}

// stream passes on lines until the stream ends: by itself, or some time after the container.
func (l *podLog) stream(ctx context.Context, over <-chan struct{}) error {
	ctx, cancel := context.WithCancel(ctx)
	var ending sync.WaitGroup
	defer ending.Wait()
	defer cancel()
	ending.Go(func() {
		defer cancel()
		select {
		case <-ctx.Done():
		case <-over:
			sleep(ctx, nil, logEnding)
		}
	})
	return l.read(ctx, l.onward())
}

// onward asks for all that comes after the last line.
func (l *podLog) onward() *corev1.PodLogOptions {
	options := &corev1.PodLogOptions{Follow: true, SinceTime: l.cursor.since()}
	if options.SinceTime == nil && l.tail > 0 {
		options.TailLines = &l.tail
	}
	return options
}

// sleep returns after the time, or before when ctx ends or the channel is closed.
func sleep(ctx context.Context, woken <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-woken:
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// readRest reads what came after the last line, and what may still come: who says that a container has ended can be ahead
// of it, since a step's result is recorded before its process ends, and even before the kubelet tells that it runs. What
// cannot be read for a while is not to be had any more.
func (l *podLog) readRest(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, logEnding)
	defer cancel()
	err := persist(limited, func(ctx context.Context) error {
		return l.read(ctx, l.onward())
	}, waitsToStart)
	if accessDenied(err) {
		return explain("reading the log of pod "+l.pod, l.namespace, err)
	}
	return ctx.Err()
}

// waitsToStart tells the kubelet's answer about a container that has no log yet
// (k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go, validateContainerLogStatus).
func waitsToStart(err error) bool { return apierrors.IsBadRequest(err) }

// hasEnded tells whether the container can write no more. An API server that does not answer says nothing.
func (l *podLog) hasEnded(ctx context.Context) bool {
	pod, err := l.client.CoreV1().Pods(l.namespace).Get(ctx, l.pod, metav1.GetOptions{})
	if err != nil {
		return apierrors.IsNotFound(err)
	}
	if pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return true
	}
	for _, c := range pod.Status.ContainerStatuses {
		if c.Name == l.container {
			return c.State.Terminated != nil
		}
	}
	return false
}
