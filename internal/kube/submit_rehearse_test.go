package kube

import (
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// judging wraps a fake, which would not honour a dry run, so that it passes for a server that does; judge answers.
func judging(client *fake.Clientset, judge func(*corev1.Pod) error) kubernetes.Interface {
	client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		create := action.(clienttesting.CreateActionImpl)
		if len(create.CreateOptions.DryRun) == 0 {
			return false, nil, nil
		}
		pod := create.GetObject().(*corev1.Pod)
		return true, pod, judge(pod)
	})
	return struct{ kubernetes.Interface }{client}
}

func TestSubmitRehearsesThePods(t *testing.T) {
	t.Parallel()
	forbidden := func(why string) error { return apierrors.NewForbidden(podsResource, "p", errors.New(why)) }
	tests := []struct {
		name   string
		answer error
		// orchestrator and step are what the error says when the answer is about their pod; empty means no error.
		orchestrator, step string
	}{
		{"accepted", nil, "", ""},
		{"pod security", forbidden(`violates PodSecurity "restricted:latest": runAsNonRoot != true`), "lower Pod Security level", "lower Pod Security level"},
		{"quota", forbidden("exceeded quota: compute, requested: pods=1, used: pods=5, limited: pods=5"), "have the quota raised", ""},
		{"no service account", forbidden(`error looking up service account team/x: serviceaccount "x" not found`), "create the service account", "create the service account"},
		{"a webhook's refusal", forbidden(`admission webhook "policy.example" denied the request: no`), "denied the request", "denied the request"},
		{"a webhook that cannot rehearse", apierrors.NewBadRequest(`admission webhook "x" does not support dry run`), "", ""},
		{"a caller who may create no pods", forbidden(`User "me" cannot create resource "pods" in API group "" in the namespace "team"`), "", ""},
		{"malformed", apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("Pod").GroupKind(), "p", nil), "change the pod's settings", "change the pod's settings"},
	}
	for _, test := range tests {
		for role, want := range map[string]string{"orchestrator": test.orchestrator, "step": test.step} {
			t.Run(test.name+" "+role, func(t *testing.T) {
				t.Parallel()
				client := newFakeAPI()
				_, err := Submit(t.Context(), judging(client, func(pod *corev1.Pod) error {
					if pod.Labels[LabelRole] != role {
						return nil
					}
					return test.answer
				}), testSubmission())
				switch {
				case want == "" && err != nil:
					t.Error(err)
				case want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), role)):
					t.Errorf("error %v does not say %q of the %s", err, want, role)
				case want != "" && len(client.Actions()) != countOf(client, "create", "pods")+countOf(client, "get", "namespaces"):
					t.Errorf("calls %v, want none but the rehearsal and the question for the namespace's level", client.Actions())
				}
			})
		}
	}
}

func countOf(client *fake.Clientset, verb, resource string) int {
	n := 0
	for _, action := range client.Actions() {
		if action.Matches(verb, resource) {
			n++
		}
	}
	return n
}

func TestRehearsalIsOncePerTemplate(t *testing.T) {
	t.Parallel()
	s := testSubmission()
	s.Plan.Kubernetes.Templates = append(s.Plan.Kubernetes.Templates, s.Plan.Kubernetes.Templates[0])
	s.Plan.Kubernetes.StepTemplates = map[string]int{"load": 0, "train": 1, "evaluate": 1}
	client := newFakeAPI()
	if _, err := Submit(t.Context(), judging(client, func(*corev1.Pod) error { return nil }), s); err != nil {
		t.Fatal(err)
	}
	if got := countOf(client, "create", "pods"); got != 3 {
		t.Errorf("%d pods are rehearsed, want the orchestrator's and one of each of two templates", got)
	}
}

func TestFakesAreSparedTheRehearsal(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	if _, err := Submit(t.Context(), client, testSubmission()); err != nil {
		t.Fatal(err)
	}
	if got := countOf(client, "create", "pods"); got != 0 {
		t.Errorf("%d pods are made on a fake by what should only be a rehearsal", got)
	}
}
