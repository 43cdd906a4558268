package kube

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func TestEventIsWhatKubectlShows(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset()
	w := NewEventWriter(t.Context(), client, Ref{Namespace: "team", Run: "train-7", JobUID: "job-uid"}, "pod-uid", zap.NewNop())
	w.Tell(Event{Warning: true, Reason: "StepFailed", About: "fit", Message: " no\x1b[2J luck " + strings.Repeat("ü", 1000)})
	w.Close(nil)
	made, err := client.CoreV1().Events("team").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(made.Items) != 1 {
		t.Fatalf("%v, %v", made, err)
	}
	e := made.Items[0]
	got := []string{e.Type, e.Reason, e.InvolvedObject.Kind, e.InvolvedObject.Name, string(e.InvolvedObject.UID), e.Source.Component, e.ReportingInstance}
	if diff := cmp.Diff([]string{"Warning", "StepFailed", "Job", "train-7", "job-uid", "k8sorch-orchestrator", "pod-uid"}, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if len(e.Message) > 1024 || !strings.HasPrefix(e.Message, "no[2J luck ü") || e.FirstTimestamp.IsZero() || e.Count != 1 {
		t.Errorf("%d bytes of message %.20q, first seen %s, %d times", len(e.Message), e.Message, e.FirstTimestamp, e.Count)
	}
}

// Who asks why there is no orchestrator is not told what an orchestrator has said of steps.
func TestOwnEventsAreNoReasonForAMissingOrchestrator(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset(event("1", "Job", "train-7", "job-uid", "FailedCreate", "exceeded quota", 10))
	ref := Ref{Namespace: "team", Run: "train-7", JobUID: "job-uid"}
	w := NewEventWriter(t.Context(), client, ref, "pod-uid", zap.NewNop())
	w.Close(&Event{Warning: true, Reason: "RunFailed", Message: "it has ended"})
	why, err := WhyNoOrchestrator(t.Context(), client, ref)
	if err != nil || why != "FailedCreate: exceeded quota" {
		t.Errorf("why %q, %v", why, err)
	}
}

func TestMissingRightToMakeEventsIsWarnedOfOnce(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset()
	client.PrependReactor("create", "events", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(corev1.Resource("events"), "", errors.New("no"))
	})
	core, logs := observer.New(zap.InfoLevel)
	w := NewEventWriter(t.Context(), client, Ref{Namespace: "team", Run: "train-7"}, "pod-uid", zap.New(core))
	for range 3 {
		w.Tell(Event{Reason: "StepFailed"})
	}
	w.Close(&Event{Reason: "RunFailed"})
	if logs.Len() != 1 || !strings.Contains(logs.All()[0].Message, "may not create events") {
		t.Errorf("logged: %v", logs.All())
	}
}

// An API server that does not answer keeps no orchestrator from ending.
func TestEventsAreNotWaitedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset()
		client.PrependReactor("create", "events", func(clienttesting.Action) (bool, runtime.Object, error) {
			return true, nil, apierrors.NewServiceUnavailable("starting")
		})
		w := NewEventWriter(t.Context(), client, Ref{Namespace: "team", Run: "train-7"}, "pod-uid", zap.NewNop())
		for range 100 {
			w.Tell(Event{Reason: "StepFailed"})
		}
		began := time.Now()
		w.Close(&Event{Reason: "RunFailed"})
		if took := time.Since(began); took > eventTimeout {
			t.Errorf("the end took %s", took)
		}
	})
}

// A Role that an earlier version made lacks the right to make events. Whoever may not add it can run pipelines all the same.
func TestOptionalRightsStopNobody(t *testing.T) {
	t.Parallel()
	account := OrchestratorRights()
	older := account
	older.Optional = nil
	client := fake.NewClientset(AccountObjects("team", older)...)
	client.PrependReactor("update", "roles", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, nil, apierrors.NewForbidden(rbacv1.Resource("roles"), account.Name, errors.New("no"))
	})
	if err := EnsureAccounts(t.Context(), client, "team", account); err != nil {
		t.Error(err)
	}
	older.Rules = older.Rules[:1]
	if err := client.Tracker().Update(rbacv1.SchemeGroupVersion.WithResource("roles"), older.role("team"), "team"); err != nil {
		t.Fatal(err)
	}
	if err := EnsureAccounts(t.Context(), client, "team", account); err == nil {
		t.Error("an account without needed rights was taken")
	}
}
