package kube

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
)

// event is a warning about an object of the run.
func event(name, kind, about string, uid types.UID, reason, message string, at int64, change ...func(*corev1.Event)) *corev1.Event {
	e := &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: name, Namespace: "team"},
		InvolvedObject: corev1.ObjectReference{Kind: kind, Name: about, UID: uid},
		Type:           corev1.EventTypeWarning, Reason: reason, Message: message, LastTimestamp: metav1.Unix(at, 0),
	}
	for _, f := range change {
		f(e)
	}
	return e
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	events := []runtime.Object{
		event("1", "Job", "train-7", "job-uid", "FailedCreate", "exceeded quota: 5 of 5", 10),
		event("2", "Job", "train-7", "job-uid", "FailedCreate", "exceeded quota: 6 of 6", 20),
		event("3", "Job", "train-7", "an earlier one's", "FailedCreate", "forbidden", 90),
		event("4", "Job", "train-8", "", "FailedCreate", "forbidden", 90),
		event("5", "Pod", "train-7", "", "FailedMount", "no such claim", 90),
		event("6", "Job", "train-7", "job-uid", "SuccessfulCreate", "Created pod", 90, func(e *corev1.Event) { e.Type = corev1.EventTypeNormal }),
		event("7", "Pod", "p", "p-uid", "FailedScheduling", "0/1 nodes are \x1bavailable", 0, func(e *corev1.Event) { e.EventTime = metav1.NewMicroTime(time.Unix(30, 0)) }),
		event("8", "Pod", "p", "p-uid", "FailedMount", "no such claim ", 5, func(e *corev1.Event) {
			e.Series = &corev1.EventSeries{LastObservedTime: metav1.NewMicroTime(time.Unix(40, 0))}
		}),
	}
	client := fake.NewClientset(events...)
	got, err := WhyNoOrchestrator(t.Context(), client, testRef())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("FailedCreate: exceeded quota: 6 of 6", got); diff != "" {
		t.Errorf("why the Job has no pod (-want +got):\n%s", diff)
	}
	got, err = WhyNotRunning(t.Context(), client, "team", "p", "p-uid")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("FailedMount: no such claim\nFailedScheduling: 0/1 nodes are available", got); diff != "" {
		t.Errorf("why the pod does not run (-want +got):\n%s", diff)
	}
	if got, err := WhyNotRunning(t.Context(), client, "team", "q", ""); err != nil || got != "" {
		t.Errorf("a pod without events: %q, %v", got, err)
	}
}

func TestWarningsWithoutTheRight(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset()
	forbid(client, "list events")
	_, err := WhyNoOrchestrator(t.Context(), client, testRef())
	if _, ok := errors.AsType[*AccessError](err); !ok {
		t.Errorf("error %v, want an *AccessError", err)
	}
}
