package kube

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/fake"
)

// podNames returns the names of the pods that are there.
func podNames(t *testing.T, client *fake.Clientset) []string {
	t.Helper()
	pods, err := client.CoreV1().Pods("team").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, pod := range pods.Items {
		names = append(names, pod.Name)
	}
	slices.Sort(names)
	return names
}

func TestStopRun(t *testing.T) {
	t.Parallel()
	phase := func(p corev1.PodPhase) func(*corev1.Pod) { return func(pod *corev1.Pod) { pod.Status.Phase = p } }
	leaving := func(pod *corev1.Pod) {
		pod.DeletionTimestamp, pod.Finalizers = new(metav1.Now()), []string{"batch.kubernetes.io/job-tracking"}
	}
	tests := []struct {
		name         string
		orchestrator *corev1.Pod
		orderly      bool
	}{
		{"an orchestrator runs", orchestratorPod("o", 1, phase(corev1.PodRunning)), true},
		{"it waits for a node", orchestratorPod("o", 1, phase(corev1.PodPending)), false},
		{"it has ended", orchestratorPod("o", 1, phase(corev1.PodFailed)), false},
		{"it is about to go", orchestratorPod("o", 1, phase(corev1.PodRunning), leaving), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			running, done := stepPod("train", 1, phase(corev1.PodRunning)), stepPod("load", 1, phase(corev1.PodSucceeded))
			foreign := stepPod("evaluate", 1, func(pod *corev1.Pod) { pod.Labels[LabelRun] = "train-8" })
			client := newFakeAPI(submittedJob(), test.orchestrator, running, done, foreign)
			orderly, err := StopRun(t.Context(), client, testRef(), "enough")
			if err != nil {
				t.Fatal(err)
			}
			if orderly != test.orderly {
				t.Errorf("orderly is %t, want %t", orderly, test.orderly)
			}
			if got := getJob(t, client).Annotations[AnnotationStop]; got != "enough" {
				t.Errorf("the Job is asked to stop for %q", got)
			}
			want := []string{"o", done.Name, foreign.Name}
			if test.orderly {
				want = append(want, running.Name)
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, podNames(t, client)); diff != "" {
				t.Errorf("pods left (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDrainLeavesThePods(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(submittedJob(), stepPod("train", 1))
	before := podNames(t, client)
	if err := RequestDrain(t.Context(), client, testRef(), "enough"); err != nil {
		t.Fatal(err)
	}
	if got := getJob(t, client).Annotations[AnnotationDrain]; got != "enough" {
		t.Errorf("the Job is asked to drain for %q", got)
	}
	if diff := cmp.Diff(before, podNames(t, client)); diff != "" {
		t.Errorf("pods left (-want +got):\n%s", diff)
	}
}

func TestStopOfNoRun(t *testing.T) {
	t.Parallel()
	for _, ask := range []func(context.Context, kubernetes.Interface, Ref, string) error{RequestStop, RequestDrain} {
		if err := ask(t.Context(), newFakeAPI(), testRef(), ""); !errors.Is(err, ErrNoRun) {
			t.Errorf("error %v, want %v", err, ErrNoRun)
		}
	}
}

func TestDeleteRun(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(submittedJob())
	other := testRef()
	other.JobUID = "another"
	if err := DeleteRun(t.Context(), client, other, metav1.DeletePropagationForeground); err != nil {
		t.Fatal(err)
	}
	getJob(t, client)
	for range 2 {
		if err := DeleteRun(t.Context(), client, testRef(), metav1.DeletePropagationForeground); err != nil {
			t.Fatal(err)
		}
	}
	if got := countOf(client, "delete", "jobs"); got != 3 {
		t.Errorf("%d deletions, want 3", got)
	}
	if jobs, err := client.BatchV1().Jobs("team").List(t.Context(), metav1.ListOptions{}); err != nil || len(jobs.Items) > 0 {
		t.Errorf("jobs left: %v, %v", jobs, err)
	}
}
