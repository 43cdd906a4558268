package kube

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// newGiven is a cluster with a plan, load's record, and the run's end.
func newGiven(t *testing.T) *fake.Clientset {
	t.Helper()
	client := newFakeAPI(
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "train-7-plan"}, BinaryData: map[string][]byte{plan.FileName: []byte("plan")}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: "train-7-end"}, Data: map[string]string{record.EndFile: "end"}},
	)
	cm, err := resultConfigMap(testRef(), resultOf("load", []byte("value")), []byte("value"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CoreV1().ConfigMaps("team").Create(t.Context(), cm, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return client
}

// A step that reads for itself finds the files that the kubelet would have put there, and no others.
func TestGivenIsWhatTheVolumeHolds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		given Given
		want  []string
	}{
		"no inputs": {Given{}, []string{plan.FileName}},
		"an input":  {Given{inputs: []string{"load"}}, []string{plan.FileName, record.ResultFile("load"), record.ValueFile("load")}},
		"a hook":    {Given{hook: true}, []string{plan.FileName, record.EndFile}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := test.given.Read(t.Context(), newGiven(t), testRef())
			var got []string
			for _, file := range []string{plan.FileName, record.ResultFile("load"), record.ValueFile("load"), record.EndFile, "else"} {
				if _, err := read(file); err == nil {
					got = append(got, file)
				} else if !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGivenFilesHaveTheirContent(t *testing.T) {
	t.Parallel()
	read := Given{inputs: []string{"load"}, hook: true}.Read(t.Context(), newGiven(t), testRef())
	want := map[string]string{plan.FileName: "plan", record.ValueFile("load"): "value", record.EndFile: "end"}
	got := maps.Clone(want)
	for file := range want {
		content, err := read(file)
		if err != nil {
			t.Error(err)
		}
		got[file] = string(content)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
}

// A step with many inputs meets the same refusal many times, and tells it once.
func TestWhatCannotBeReadIsToldOnce(t *testing.T) {
	t.Parallel()
	client := newGiven(t)
	refusal := apierrors.NewForbidden(corev1.Resource("configmaps"), "x", errors.New(`User "x" cannot get resource "configmaps"`))
	client.PrependReactor("get", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, refusal })
	synctest.Test(t, func(t *testing.T) {
		_, err := Given{inputs: []string{"load", "train"}, hook: true}.Read(t.Context(), client, testRef())(plan.FileName)
		if got := strings.Count(fmt.Sprint(err), "StepAccountTokenInEnv"); got != 1 {
			t.Errorf("the remedy is told %d times, want once: %v", got, err)
		}
	})
}

// The plan tells that the graphs differ, for which the records of inputs that there are not must not stand in the way.
func TestWhatIsThereCanBeReadThoughTheRestCannot(t *testing.T) {
	t.Parallel()
	read := Given{inputs: []string{"renamed"}}.Read(t.Context(), newGiven(t), testRef())
	if content, err := read(plan.FileName); err != nil || string(content) != "plan" {
		t.Errorf("plan %q, error %v", content, err)
	}
	if _, err := read(record.ResultFile("renamed")); err == nil || !strings.Contains(err.Error(), "train-7-renamed-result") {
		t.Errorf("error %v, want one that names the ConfigMap", err)
	}
}

func TestEndOfAnAttemptThatCouldNotReadWhatItWasGiven(t *testing.T) {
	t.Parallel()
	plans := corev1.Resource("configmaps")
	for name, test := range map[string]struct {
		err  error
		want record.End
		says string
	}{
		"no rights":         {apierrors.NewForbidden(plans, "train-7-plan", errors.New(`User "x" cannot get resource "configmaps" in API group ""`)), record.End{Outcome: record.Failed, Reason: "Error", Permanent: true}, "let the step's account get ConfigMaps"},
		"an expired token":  {apierrors.NewUnauthorized("Unauthorized"), record.End{Outcome: record.Lost, Reason: "NotGiven"}, "not good any more"},
		"an outage":         {apierrors.NewServiceUnavailable("down"), record.End{Outcome: record.Lost, Reason: "NotGiven"}, "down"},
		"a run that's gone": {apierrors.NewNotFound(plans, "train-7-plan"), record.End{Outcome: record.Lost, Reason: "NotGiven"}, "not found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newGiven(t)
				client.PrependReactor("get", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, test.err })
				_, err := Given{}.Read(t.Context(), client, testRef())(plan.FileName)
				if err == nil {
					t.Fatal("it was read")
				}
				got := *attempt.Fail(t.Context(), err).End
				for _, says := range []string{"reading ConfigMap train-7-plan", test.says} {
					if !strings.Contains(got.Message, says) {
						t.Errorf("message %q does not say %q", got.Message, says)
					}
				}
				got.Message = ""
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("the attempt's end (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// An API server that starts refuses everyone for a moment.
func TestGivenIsReadAgainAfterATrouble(t *testing.T) {
	t.Parallel()
	for _, trouble := range []error{
		apierrors.NewServiceUnavailable("starting"), apierrors.NewUnauthorized("Unauthorized"), apierrors.NewTooManyRequests("busy", 1),
	} {
		synctest.Test(t, func(t *testing.T) {
			client := newGiven(t)
			refuseOnce(client, "get", "configmaps", trouble)
			if content, err := (Given{}).Read(t.Context(), client, testRef())(plan.FileName); err != nil || string(content) != "plan" {
				t.Errorf("after %v: plan %q, error %v", trouble, content, err)
			}
		})
	}
}
