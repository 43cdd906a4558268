package kube

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/record"
)

// generationOf makes a Job one of the later generations of another run.
func generationOf(run, name string) func(*batchv1.Job) {
	return func(j *batchv1.Job) { j.Labels[LabelRun], j.Name = run, name }
}

func TestListRunsInOneCall(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(
		runJob(1, ends(batchv1.JobFailed, "PodFailurePolicy", "Container main for pod team/train-1-x failed with exit code 10 matching FailJob rule at index 1")),
		runJob(3, ends(batchv1.JobFailed, "PodFailurePolicy", "Container main for pod team/train-3-x failed with exit code 12 matching FailJob rule at index 1")),
		runJob(4, ends(batchv1.JobFailed, "BackoffLimitExceeded", "Job has reached the specified backoff limit")),
		runJob(5, generationOf("train-1", "train-1-2"), ends(batchv1.JobComplete, "", "")),
		runJob(6, generationOf("train-1", "stray")),
		runJob(7),
		runJob(8, func(j *batchv1.Job) { j.Labels[LabelPipeline] = "other" }),
	)
	runs, err := ListRuns(t.Context(), client, "team", "train")
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		run     string
		made    int64
		outcome record.Outcome
	}
	var got []row
	for _, r := range runs {
		got = append(got, row{r.Run, r.Submitted.Unix(), r.Outcome()})
	}
	want := []row{{"train-7", 7, ""}, {"train-4", 4, record.Failed}, {"train-3", 3, record.Stopped}, {"train-1", 1, record.Succeeded}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if n := len(client.Actions()); n != 1 {
		t.Errorf("%d calls, want one", n)
	}
}

func TestDeleteAllDeletesEveryGeneration(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(runJob(1), runJob(2, generationOf("train-1", "train-1-2")), runJob(3, generationOf("train-1", "stray")), runJob(4))
	if err := DeleteAll(t.Context(), client, Ref{Namespace: "team", Run: "train-1"}); err != nil {
		t.Fatal(err)
	}
	left, err := client.BatchV1().Jobs("team").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, job := range left.Items {
		names = append(names, job.Name)
	}
	if diff := cmp.Diff([]string{"stray", "train-4"}, names); diff != "" {
		t.Errorf("Jobs that are left (-want +got):\n%s", diff)
	}
	for _, action := range client.Actions() {
		if d, ok := action.(clienttesting.DeleteActionImpl); ok && *d.DeleteOptions.PropagationPolicy != metav1.DeletePropagationBackground {
			t.Errorf("%s is deleted with propagation %s", d.Name, *d.DeleteOptions.PropagationPolicy)
		}
	}
}
