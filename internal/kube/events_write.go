package kube

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	// eventSource is who makes the events of a run, as kubectl shows it.
	eventSource = "k8sorch-orchestrator"
	// maxEventNote is the longest text of an event, in bytes (k8s.io/kubernetes/pkg/apis/core/validation, NoteLengthLimit).
	maxEventNote = 1024
	// maxEvents bounds what one orchestrator tells: a person reads no more, and other objects of the namespace have events, too.
	maxEvents = 50
	// eventTimeout bounds the making of one event, and that of all that are left when the orchestrator ends.
	eventTimeout = 5 * time.Second
)

// Event is something that happened in a run and that whoever describes its Job is to know.
type Event struct {
	// Warning tells that something went wrong.
	Warning bool
	// Reason is one word in CamelCase, Message is for people.
	Reason, Message string
	// About tells apart what has the same reason: a step and its attempt. What has the same reason and is about the same is
	// told once, whichever orchestrator of the run tells it.
	About string
}

// EventWriter makes the events of a run, on its Job. They are for people: that one cannot be made changes nothing.
type EventWriter struct {
	client   kubernetes.Interface
	ref      Ref
	instance string
	logger   *zap.Logger
	queue    chan Event
	told     int
	done     chan struct{}
	cancel   context.CancelFunc
}

// NewEventWriter returns a writer whose events name instance, a pod, as their author. The caller closes it, which takes a moment
// beyond the end of ctx: the last word is the one that matters.
func NewEventWriter(ctx context.Context, client kubernetes.Interface, ref Ref, instance string, logger *zap.Logger) *EventWriter {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w := &EventWriter{
		client: client, ref: ref, instance: instance, logger: logger,
		queue: make(chan Event, maxEvents+2), done: make(chan struct{}), cancel: cancel,
	}
	go w.write(ctx)
	return w
}

// Tell makes an event soon, unless there are too many: then the last one says so. It is called by one goroutine.
func (w *EventWriter) Tell(e Event) {
	w.told++
	switch {
	case w.told <= maxEvents:
		w.queue <- e
	case w.told == maxEvents+1:
		w.queue <- Event{Reason: "FurtherEventsOmitted", Message: "the log of the orchestrator, and whoever follows the run, tell what else happens"}
	}
}

// Close tells how the run has ended, unless that is nil, and returns when all events are made, or after [eventTimeout].
func (w *EventWriter) Close(last *Event) {
	if last != nil {
		w.queue <- *last
	}
	close(w.queue)
	timer := time.AfterFunc(eventTimeout, w.cancel)
	defer timer.Stop()
	<-w.done
	w.cancel()
}

func (w *EventWriter) write(ctx context.Context) {
	defer close(w.done)
	denied := false
	for e := range w.queue {
		if denied || ctx.Err() != nil {
			continue
		}
		if err := w.make(ctx, e); apierrors.IsForbidden(err) {
			denied = true
			w.logger.Warn("no Kubernetes events tell of the run: the orchestrator's service account may not create events", zap.Error(err))
		} else if err != nil {
			w.logger.Info("a Kubernetes event could not be made", zap.String("reason", e.Reason), zap.Error(err))
		}
	}
}

func (w *EventWriter) make(ctx context.Context, e Event) error {
	ctx, cancel := context.WithTimeout(ctx, eventTimeout)
	defer cancel()
	return persist(ctx, func(ctx context.Context) error {
		_, err := w.client.CoreV1().Events(w.ref.Namespace).Create(ctx, w.object(e), metav1.CreateOptions{})
		if apierrors.IsAlreadyExists(err) {
			return nil // An orchestrator before this one has told it.
		}
		return err
	})
}

// object returns the event as the API server keeps it, in the older of its two forms: that is the one which the ClusterRole
// edit may make.
func (w *EventWriter) object(e Event) *corev1.Event {
	kind, now := corev1.EventTypeNormal, metav1.Now()
	if e.Warning {
		kind = corev1.EventTypeWarning
	}
	name := sha256.Sum256([]byte(e.Reason + "\x00" + e.About))
	return &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{
			Name: w.ref.JobName() + "." + hex.EncodeToString(name[:8]), Namespace: w.ref.Namespace,
			Labels: map[string]string{LabelManagedBy: ManagedBy, LabelRun: w.ref.Run},
		},
		InvolvedObject: corev1.ObjectReference{
			APIVersion: "batch/v1", Kind: "Job", Name: w.ref.JobName(), Namespace: w.ref.Namespace, UID: w.ref.JobUID,
		},
		Type: kind, Reason: e.Reason, Message: plain(strings.TrimSpace(e.Message), maxEventNote), Count: 1, FirstTimestamp: now, LastTimestamp: now,
		Source: corev1.EventSource{Component: eventSource}, ReportingController: eventSource, ReportingInstance: w.instance,
	}
}
