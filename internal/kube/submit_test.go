package kube

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

func getJob(t *testing.T, client *fake.Clientset) *batchv1.Job {
	t.Helper()
	job, err := client.BatchV1().Jobs("team").Get(t.Context(), "train-7", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	ref, err := Submit(t.Context(), client, testSubmission())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"create jobs", "create configmaps", "patch jobs"}, writes(client)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	job := getJob(t, client)
	if *job.Spec.Suspend {
		t.Error("the Job is still suspended")
	}
	config, err := FindPlan(t.Context(), client, ref)
	if err != nil {
		t.Fatal(err)
	}
	want := Ref{Namespace: "team", Run: "train-7", Pipeline: "train", Job: "train-7", JobUID: job.UID, PlanUID: config.UID}
	if ref != want || ref.JobUID == "" || ref.PlanUID == "" {
		t.Errorf("ref %+v, want %+v", ref, want)
	}
	if diff := cmp.Diff([]metav1.OwnerReference{ref.jobOwner()}, config.OwnerReferences); diff != "" {
		t.Errorf("owners of the plan (-want +got):\n%s", diff)
	}
	if got := config.Labels[LabelRun]; got != "train-7" {
		t.Errorf("the plan has the run label %q", got)
	}
	found, err := FindRun(t.Context(), client, Ref{Namespace: "team", Run: "train-7", Pipeline: "train"})
	if err != nil || found != ref {
		t.Errorf("FindRun: %+v, %v, want %+v", found, err, ref)
	}
}

// loseAnswer makes the first call of its kind succeed without its caller hearing of it.
func loseAnswer(client *fake.Clientset, verb, resource string) {
	lost := false
	client.PrependReactor(verb, resource, func(action clienttesting.Action) (bool, runtime.Object, error) {
		if lost {
			return false, nil, nil
		}
		lost = true
		for _, r := range client.ReactionChain[1:] {
			if !r.Handles(action) {
				continue
			}
			if handled, _, err := r.React(action); err != nil {
				return true, nil, err
			} else if handled {
				break
			}
		}
		return true, nil, apierrors.NewTimeoutError("the answer is lost", 1)
	})
}

func TestSubmitSurvivesLostAnswers(t *testing.T) {
	t.Parallel()
	for _, call := range [][2]string{{"create", "jobs"}, {"create", "configmaps"}, {"patch", "jobs"}} {
		t.Run(strings.Join(call[:], " "), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client := newFakeAPI()
				loseAnswer(client, call[0], call[1])
				ref, err := Submit(t.Context(), client, testSubmission())
				if err != nil {
					t.Fatal(err)
				}
				job := getJob(t, client)
				if ref.JobUID != job.UID || *job.Spec.Suspend {
					t.Errorf("the run has Job %s, suspended: %t; want %s, resumed", job.UID, *job.Spec.Suspend, ref.JobUID)
				}
			})
		})
	}
}

func TestSubmitOfARunThatExists(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	if _, err := Submit(t.Context(), client, testSubmission()); err != nil {
		t.Fatal(err)
	}
	before := getJob(t, client)
	other := testSubmission()
	other.Plan.Submitted = time.Unix(1, 0)
	if _, err := Submit(t.Context(), client, other); !errors.Is(err, ErrRunExists) {
		t.Errorf("error %v, want %v", err, ErrRunExists)
	}
	if diff := cmp.Diff(before, getJob(t, client)); diff != "" {
		t.Errorf("the Job that was there has changed (-want +got):\n%s", diff)
	}
}

func TestSubmitTakesBackWhatItBegan(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	forbid(client, "create configmaps")
	_, err := Submit(t.Context(), client, testSubmission())
	if _, ok := errors.AsType[*AccessError](err); !ok || !strings.Contains(err.Error(), "has been deleted again") {
		t.Errorf("error %v", err)
	}
	if diff := cmp.Diff([]string{"create jobs", "create configmaps", "delete jobs"}, writes(client)); diff != "" {
		t.Errorf("writes (-want +got):\n%s", diff)
	}
	last := client.Actions()[len(client.Actions())-1].(clienttesting.DeleteActionImpl)
	if got := last.DeleteOptions.PropagationPolicy; got == nil || *got != metav1.DeletePropagationBackground {
		t.Errorf("deleted with propagation %v, want Background", got)
	}
}

func TestSubmitTellsWhatIsLeft(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	forbid(client, "create configmaps", "delete jobs")
	_, err := Submit(t.Context(), client, testSubmission())
	if err == nil || !strings.Contains(err.Error(), "kubectl delete job -n team train-7") {
		t.Errorf("error %v does not say how to delete what is left", err)
	}
}

func TestSubmitIsTakenBackWhenItsCallerGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := newFakeAPI()
	client.PrependReactor("create", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) {
		cancel()
		return true, nil, context.Canceled
	})
	if _, err := Submit(ctx, client, testSubmission()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if _, err := client.BatchV1().Jobs("team").Get(t.Context(), "train-7", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("reading the Job: error %v, want it to be gone", err)
	}
}

// remainsOf is the plan of an earlier run of the same name, whose Job is gone.
func remainsOf(t *testing.T, s Submission) *corev1.ConfigMap {
	t.Helper()
	_, remains, err := s.Objects()
	if err != nil {
		t.Fatal(err)
	}
	remains.OwnerReferences = []metav1.OwnerReference{testRef().jobOwner()}
	return remains
}

func TestSubmitWaitsForTheRemainsOfAnEarlierRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := testSubmission()
		remains := remainsOf(t, s)
		client := newFakeAPI(remains)
		time.AfterFunc(3*time.Second, func() {
			err := client.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("configmaps"), "team", remains.Name)
			if err != nil {
				t.Error(err)
			}
		})
		ref, err := Submit(t.Context(), client, s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := FindPlan(t.Context(), client, ref); err != nil {
			t.Error(err)
		}
	})
}

func TestSubmitDoesNotWaitForeverForRemains(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := testSubmission()
		remains := remainsOf(t, s)
		if _, err := Submit(t.Context(), newFakeAPI(remains), s); !errors.Is(err, errRemains) {
			t.Errorf("error %v, want %v", err, errRemains)
		}
	})
}

func TestFindRunOutlastsRefusals(t *testing.T) {
	t.Parallel()
	for _, resource := range []string{"jobs", "configmaps"} {
		for name, refusal := range refusals("get", resource) {
			t.Run(resource+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					client := newFakeAPI()
					ref, err := Submit(t.Context(), client, testSubmission())
					if err != nil {
						t.Fatal(err)
					}
					refuseOnce(client, "get", resource, refusal)
					if found, err := FindRun(t.Context(), client, Ref{Namespace: "team", Run: "train-7", Pipeline: "train", Job: "train-7"}); err != nil || found != ref {
						t.Errorf("FindRun: %+v, %v, want %+v", found, err, ref)
					}
				})
			})
		}
	}
}

func TestFindRunWithoutTheRight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newFakeAPI()
		forbid(client, "get jobs")
		_, err := FindRun(t.Context(), client, Ref{Namespace: "team", Run: "train-7", Pipeline: "train", Job: "train-7"})
		if _, ok := errors.AsType[*AccessError](err); !ok {
			t.Errorf("error %v, want an *AccessError", err)
		}
	})
}

func TestFindRunMistakes(t *testing.T) {
	t.Parallel()
	job, _, err := testSubmission().Objects()
	if err != nil {
		t.Fatal(err)
	}
	job.UID = "job-uid"
	foreign := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "backup", Namespace: "team"}}
	client := fake.NewClientset(job, foreign)
	tests := []struct{ name, run, pipeline, want string }{
		{"no run", "train-8", "", "there is no such run"},
		{"not a run", "backup", "", "the Job of this name is no run"},
		{"another pipeline's", "train-7", "serve", `a run of pipeline "train", not of "serve"`},
		{"no plan yet", "train-7", "train", "just being submitted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := FindRun(t.Context(), client, Ref{Namespace: "team", Run: test.run, Pipeline: test.pipeline})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v does not say %q", err, test.want)
			}
		})
	}
	if _, err := FindRun(t.Context(), client, Ref{Namespace: "team", Run: "train-8"}); !errors.Is(err, ErrNoRun) {
		t.Errorf("error %v, want %v", err, ErrNoRun)
	}
}

var podsResource = schema.GroupResource{Resource: "pods"}
