package kube

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/reexec"
)

const canary = "canary-7c2f$$(HOME)"

// tokenSubmission is of a run with a token, and of what it says to its user.
func tokenSubmission() (s Submission, said *[]string) {
	said = new([]string)
	s = testSubmission()
	s.Token = &Token{Value: canary, Deleter: OrchestratorAccount}
	s.Plan.Kubernetes.Token = new(TokenVar(testRef()))
	s.Notice = func(text string) { *said = append(*said, text) }
	return s, said
}

func TestTokenManifest(t *testing.T) {
	t.Parallel()
	s, _ := tokenSubmission()
	got, err := YAML(s.TokenObjects()...)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "token.yaml", got)
}

func TestSubmitMakesTheSecretBetweenJobAndPlan(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	s, said := tokenSubmission()
	ref, err := Submit(t.Context(), client, s)
	if err != nil || len(*said) > 0 {
		t.Fatalf("error %v, notices %q", err, *said)
	}
	want := []string{"create jobs", "create secrets", "create roles", "create rolebindings", "create configmaps", "patch jobs"}
	if diff := cmp.Diff(want, writes(client)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	secret, err := client.CoreV1().Secrets("team").Get(t.Context(), "train-7-token", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(secret.Data["token"]); got != canary {
		t.Errorf("the Secret has %q, want %q", got, canary)
	}
	role, err := client.RbacV1().Roles("team").Get(t.Context(), "train-7-token", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	binding, err := client.RbacV1().RoleBindings("team").Get(t.Context(), "train-7-token", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, made := range []metav1.Object{secret, role, binding} {
		if diff := cmp.Diff([]metav1.OwnerReference{ref.jobOwner()}, made.GetOwnerReferences()); diff != "" {
			t.Errorf("owners of %T (-want +got):\n%s", made, diff)
		}
		if made.GetLabels()[LabelRun] != "train-7" || made.GetLabels()[LabelManagedBy] != ManagedBy {
			t.Errorf("labels of %T are %v", made, made.GetLabels())
		}
	}
}

func TestSubmitSurvivesLostAnswersAboutTheToken(t *testing.T) {
	t.Parallel()
	for _, resource := range []string{"secrets", "roles", "rolebindings"} {
		t.Run(resource, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newFakeAPI()
				loseAnswer(client, "create", resource)
				s, said := tokenSubmission()
				if _, err := Submit(t.Context(), client, s); err != nil || len(*said) > 0 {
					t.Errorf("error %v, notices %q", err, *said)
				}
			})
		})
	}
}

func TestSubmitWaitsForTheTokenOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		remains := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "train-7-token", Namespace: "team"}}
		client := newFakeAPI(remains)
		time.AfterFunc(3*time.Second, func() {
			if err := client.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("secrets"), "team", remains.Name); err != nil {
				t.Error(err)
			}
		})
		s, _ := tokenSubmission()
		if _, err := Submit(t.Context(), client, s); err != nil {
			t.Fatal(err)
		}
		secret, err := client.CoreV1().Secrets("team").Get(t.Context(), remains.Name, metav1.GetOptions{})
		if err != nil || string(secret.Data["token"]) != canary {
			t.Errorf("the Secret is %v, %v, want the new one", secret, err)
		}
	})
}

func TestSubmitByOneWhoMayNotGiveRights(t *testing.T) {
	t.Parallel()
	for _, denied := range []string{"create roles", "create rolebindings"} {
		client := newFakeAPI()
		forbid(client, denied)
		s, said := tokenSubmission()
		if _, err := Submit(t.Context(), client, s); err != nil {
			t.Fatal(err)
		}
		if len(*said) != 1 || !strings.Contains((*said)[0], "Secret train-7-token with the run's token stays until the run is deleted") {
			t.Errorf("without the right to %s: notices %q, want one that says that the Secret stays", denied, *said)
		}
	}
}

func TestSubmitMakesNoRoleForOneWhoHasTheRight(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	s, _ := tokenSubmission()
	s.Token.Deleter = ""
	if _, err := Submit(t.Context(), client, s); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(writes(client), "create roles") {
		t.Errorf("writes %q, want no Role", writes(client))
	}
}

func TestFailedSubmitLeavesNoSecret(t *testing.T) {
	t.Parallel()
	for _, denied := range []string{"create configmaps", "patch jobs", "create secrets"} {
		t.Run(denied, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI()
			forbid(client, denied)
			s, _ := tokenSubmission()
			_, err := Submit(t.Context(), client, s)
			if _, ok := errors.AsType[*AccessError](err); !ok || strings.Contains(err.Error(), canary) {
				t.Errorf("error %v, want the refusal", err)
			}
			if _, err := client.CoreV1().Secrets("team").Get(t.Context(), "train-7-token", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				t.Errorf("reading the Secret: error %v, want it to be gone", err)
			}
		})
	}
}

func TestPodsReferToTheToken(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]corev1.EnvVar{
		"Secret": TokenVar(testRef()),
		"plain":  PlainTokenVar(canary),
	} {
		p := testPlan()
		p.Kubernetes.Templates[0].Spec.Containers[0].Env = []corev1.EnvVar{{Name: reexec.EnvToken, Value: "the settings'"}}
		p.Kubernetes.Token = &want
		var got []corev1.EnvVar
		for _, v := range NewPods(testRef(), p).Of("load", 1, 0).Spec.Containers[0].Env {
			if v.Name == reexec.EnvToken {
				got = append(got, v)
			}
		}
		if diff := cmp.Diff([]corev1.EnvVar{want}, got); diff != "" {
			t.Errorf("%s: variables (-want +got):\n%s", name, diff)
		}
	}
	// As the kubelet reads it: $$ is a $, and nothing is a reference.
	if got, want := PlainTokenVar(canary).Value, "canary-7c2f$$$$(HOME)"; got != want {
		t.Errorf("plain value %q, want %q", got, want)
	}
}

func TestDeleteToken(t *testing.T) {
	t.Parallel()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "train-7-token", Namespace: "team"}}
	with, plain := testPlan(), testPlan()
	with.Kubernetes.Token, plain.Kubernetes.Token = new(TokenVar(testRef())), new(PlainTokenVar(canary))
	client := fake.NewClientset(secret)
	for range 2 { // The second time there is none any more.
		if err := DeleteToken(t.Context(), client, "team", with); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff([]string{"delete secrets", "delete secrets"}, writes(client)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	if err := errors.Join(DeleteToken(t.Context(), nil, "team", testPlan()), DeleteToken(t.Context(), nil, "team", plain)); err != nil {
		t.Errorf("a run without a Secret: %v", err)
	}
	forbid(client, "delete secrets")
	if err := DeleteToken(t.Context(), client, "team", with); !apierrors.IsForbidden(err) {
		t.Errorf("error %v, want the refusal", err)
	}
}
