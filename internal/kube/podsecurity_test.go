package kube

import (
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/engine"
)

const (
	violation = `violates PodSecurity "restricted:latest": hostPath volumes (volume "data")`
	levelText = "; namespace team has the label pod-security.kubernetes.io/enforce=restricted"
)

func namespaceWith(labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team", Labels: labels}}
}

// levelCase is what may be known of a namespace, and whether its level can be told.
type levelCase struct {
	labels map[string]string
	denied bool
	told   bool
}

func (c levelCase) client() *fake.Clientset {
	client := newFakeAPI(namespaceWith(c.labels))
	if c.denied {
		forbid(client, "get namespaces")
	}
	return client
}

func levelCases() map[string]levelCase {
	level := map[string]string{"pod-security.kubernetes.io/enforce": "restricted"}
	return map[string]levelCase{
		"the namespace has the label":  {labels: level, told: true},
		"the level is the cluster's":   {},
		"the namespace cannot be read": {labels: level, denied: true},
	}
}

func TestRehearsalNamesTheLevelOfTheNamespace(t *testing.T) {
	t.Parallel()
	for name, tt := range levelCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Submit(t.Context(), judging(tt.client(), func(*corev1.Pod) error { return forbidden(violation) }), testSubmission())
			if err == nil || !strings.Contains(err.Error(), violation) || strings.Contains(err.Error(), levelText+": change the pod") != tt.told {
				t.Errorf("got %v, want the level told: %t", err, tt.told)
			}
		})
	}
}

func TestRefusedStartNamesTheLevelOfTheNamespace(t *testing.T) {
	t.Parallel()
	for name, tt := range levelCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := tt.client()
			refuseOnce(client, "create", "pods", forbidden(violation))
			err := NewCluster(client, testRef(), testPlan(), Options{}).Start(t.Context(), "load", 1)
			refusal, ok := errors.AsType[*engine.Refusal](err)
			if !ok || !refusal.Permanent || refusal.Reason != "PodSecurity" {
				t.Fatalf("got %v, want it refused for good", err)
			}
			if !strings.Contains(refusal.Message, violation) || strings.HasSuffix(refusal.Message, levelText) != tt.told {
				t.Errorf("message %q, want the level told: %t", refusal.Message, tt.told)
			}
		})
	}
}

func TestWarningsNameTheLevelOfTheNamespace(t *testing.T) {
	t.Parallel()
	for name, tt := range levelCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := tt.client()
			if err := client.Tracker().Add(event("1", "Job", "train-7", "job-uid", "FailedCreate", violation, 10)); err != nil {
				t.Fatal(err)
			}
			got, err := WhyNoOrchestrator(t.Context(), client, testRef())
			if err != nil || !strings.Contains(got, violation) || strings.HasSuffix(got, levelText) != tt.told {
				t.Errorf("got %q, %v, want the level told: %t", got, err, tt.told)
			}
		})
	}
}

func TestOtherRefusalsDoNotAskForTheNamespace(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	refuseOnce(client, "create", "pods", forbidden("exceeded quota: compute"))
	_ = NewCluster(client, testRef(), testPlan(), Options{}).Start(t.Context(), "load", 1)
	if n := countOf(client, "get", "namespaces"); n > 0 {
		t.Errorf("the namespace is asked for %d times", n)
	}
}
