package kube

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// runJob is the Job of a run; the higher the number, the younger.
func runJob(number int, change ...func(*batchv1.Job)) *batchv1.Job {
	return submittedJob(append([]func(*batchv1.Job){func(j *batchv1.Job) {
		j.Name = fmt.Sprintf("train-%d", number)
		j.Labels[LabelRun] = j.Name
		j.UID = types.UID("uid-of-" + j.Name)
		j.CreationTimestamp = metav1.Unix(int64(number), 0)
	}}, change...)...)
}

// history has four runs that ended well, three that did not, and what is not to be touched.
func history() *fake.Clientset {
	complete, failed := ends(batchv1.JobComplete, "", ""), ends(batchv1.JobFailed, "", "")
	return newFakeAPI(
		runJob(1, complete), runJob(2, failed), runJob(3, complete), runJob(4, failed), runJob(5, complete), runJob(6, failed), runJob(7, complete),
		runJob(10),
		runJob(11, ends(batchv1.JobSuccessCriteriaMet, "", "")),
		runJob(12, complete, func(j *batchv1.Job) { j.Labels[LabelPipeline] = "other" }),
		runJob(13, complete, func(j *batchv1.Job) { delete(j.Labels, LabelManagedBy) }),
		runJob(14, complete, func(j *batchv1.Job) { delete(j.Labels, LabelRole) }),
		runJob(15, complete, func(j *batchv1.Job) { j.Namespace = "others" }),
		runJob(16, complete, func(j *batchv1.Job) { j.Labels[LabelRun] = "train-17" }),
		runJob(18, complete, func(j *batchv1.Job) {
			j.DeletionTimestamp, j.Finalizers = new(metav1.Now()), []string{metav1.FinalizerDeleteDependents}
		}),
	)
}

// deleted returns the names of the Jobs that were deleted, in order, and checks how.
func deleted(t *testing.T, client *fake.Clientset) (names []string) {
	t.Helper()
	for _, action := range client.Actions() {
		d, ok := action.(clienttesting.DeleteActionImpl)
		if !ok {
			continue
		}
		names = append(names, d.Name)
		want := metav1.DeleteOptions{
			PropagationPolicy: new(metav1.DeletePropagationBackground), Preconditions: metav1.NewUIDPreconditions("uid-of-" + d.Name),
		}
		if diff := cmp.Diff(want, d.DeleteOptions); diff != "" {
			t.Errorf("deletion of %s (-want +got):\n%s", d.Name, diff)
		}
	}
	return names
}

func TestTrim(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		history History
		want    []string
	}{
		"those that ended well": {History{Succeeded: new(1)}, []string{"train-1", "train-3", "train-5"}},
		"those that did not":    {History{Failed: new(2)}, []string{"train-2"}},
		"both":                  {History{Succeeded: new(3), Failed: new(2)}, []string{"train-1", "train-2"}},
		"all":                   {History{Succeeded: new(0), Failed: new(0)}, []string{"train-1", "train-2", "train-3", "train-4", "train-5", "train-6", "train-7"}},
		"none that there are":   {History{Succeeded: new(4), Failed: new(9)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := history()
			if err := test.history.Trim(t.Context(), client, testRef()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, deleted(t, client)); diff != "" {
				t.Errorf("deleted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTrimWithoutLimitsAsksNothing(t *testing.T) {
	t.Parallel()
	client := history()
	if err := (History{}).Trim(t.Context(), client, testRef()); err != nil || len(client.Actions()) > 0 {
		t.Errorf("error %v, requests %v; want none", err, client.Actions())
	}
}

func TestTrimOfWhatSomebodyElseDeletes(t *testing.T) {
	t.Parallel()
	client := history()
	refuseOnce(client, "delete", "jobs", apierrors.NewNotFound(batchv1.Resource("jobs"), "train-2"))
	if err := (History{Failed: new(1)}).Trim(t.Context(), client, testRef()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"train-2", "train-4"}, deleted(t, client)); diff != "" {
		t.Errorf("deleted (-want +got):\n%s", diff)
	}
}

func TestTrimWithoutTheRight(t *testing.T) {
	t.Parallel()
	for _, right := range []string{"list jobs", "delete jobs"} {
		t.Run(right, func(t *testing.T) {
			t.Parallel()
			client := history()
			forbid(client, right)
			err := History{Failed: new(1)}.Trim(t.Context(), client, testRef())
			if _, ok := errors.AsType[*AccessError](err); !ok {
				t.Errorf("error %v, want an *AccessError", err)
			}
		})
	}
}
