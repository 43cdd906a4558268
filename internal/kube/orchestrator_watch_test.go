package kube

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// submittedJob is the run's Job as the API server has it.
func submittedJob(change ...func(*batchv1.Job)) *batchv1.Job {
	job := testSubmission().job("sha256:4567")
	job.UID, job.Spec.Suspend = testRef().JobUID, new(false)
	for _, f := range change {
		f(job)
	}
	return job
}

// orchestratorPod is one of the Job's pods.
func orchestratorPod(name string, created int64, change ...func(*corev1.Pod)) *corev1.Pod {
	template := submittedJob().Spec.Template
	pod := &corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec}
	pod.Name, pod.Namespace, pod.UID = name, "team", "uid-of-p"
	pod.CreationTimestamp = metav1.Unix(created, 0)
	// As the Job controller does.
	pod.Labels[labelJobName] = "train-7"
	pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "train-7", UID: testRef().JobUID, Controller: new(true)}}
	for _, f := range change {
		f(pod)
	}
	return pod
}

func ends(kind batchv1.JobConditionType, reason, message string) func(*batchv1.Job) {
	return func(job *batchv1.Job) {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{Type: kind, Status: corev1.ConditionTrue, Reason: reason, Message: message})
	}
}

func TestJobState(t *testing.T) {
	t.Parallel()
	now := metav1.Now()
	tests := []struct {
		name string
		job  *batchv1.Job
		want JobState
	}{
		{"none", nil, JobState{}},
		{"going on", submittedJob(), JobState{Exists: true}},
		{"held back", submittedJob(func(j *batchv1.Job) { j.Spec.Suspend = new(true) }), JobState{Exists: true, Suspended: true}},
		{"on its way out", submittedJob(func(j *batchv1.Job) { j.DeletionTimestamp = &now }), JobState{Exists: true, Deleting: true}},
		{"asked to stop", submittedJob(func(j *batchv1.Job) { j.Annotations[AnnotationStop] = "too \x1bexpensive" }), JobState{Exists: true, StopReason: "too expensive"}},
		{"asked to stop without a reason", submittedJob(func(j *batchv1.Job) { j.Annotations[AnnotationStop] = "" }), JobState{Exists: true, StopReason: "stop requested"}},
		{"asked to drain", submittedJob(func(j *batchv1.Job) { j.Annotations[AnnotationDrain] = "too \x1bexpensive" }), JobState{Exists: true, DrainReason: "too expensive"}},
		{"asked to drain, then to stop", submittedJob(func(j *batchv1.Job) {
			j.Annotations[AnnotationDrain], j.Annotations[AnnotationStop] = "", "at once"
		}), JobState{Exists: true, StopReason: "at once", DrainReason: "stop requested"}},
		{"about to fail", submittedJob(ends(batchv1.JobFailureTarget, "PodFailurePolicy", "exit code 10")), JobState{Exists: true, Finished: batchv1.JobFailed, Reason: "PodFailurePolicy", Message: "exit code 10"}},
		{"about to be complete", submittedJob(ends(batchv1.JobSuccessCriteriaMet, "CompletionsReached", "")), JobState{Exists: true, Finished: batchv1.JobComplete, Reason: "CompletionsReached"}},
		{"complete", submittedJob(ends(batchv1.JobSuccessCriteriaMet, "", ""), ends(batchv1.JobComplete, "", "")), JobState{Exists: true, Finished: batchv1.JobComplete}},
		{"not failed", submittedJob(func(j *batchv1.Job) {
			j.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobFailed, Status: corev1.ConditionFalse}}
		}), JobState{Exists: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, jobState(test.job)); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOrchestratorState(t *testing.T) {
	t.Parallel()
	main := func(state corev1.ContainerState) func(*corev1.Pod) {
		return func(pod *corev1.Pod) {
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: MainContainer, State: state}}
		}
	}
	phase := func(p corev1.PodPhase) func(*corev1.Pod) { return func(pod *corev1.Pod) { pod.Status.Phase = p } }
	tests := []struct {
		name string
		pod  *corev1.Pod
		want OrchestratorState
	}{
		{"none", nil, OrchestratorState{}},
		{
			"image not there", orchestratorPod("p", 1, phase(corev1.PodPending), main(corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "no such image"}})),
			OrchestratorState{Pod: "p", UID: "uid-of-p", Phase: corev1.PodPending, Reason: "ImagePullBackOff", Message: "no such image"},
		},
		{
			"running", orchestratorPod("p", 1, phase(corev1.PodRunning), main(corev1.ContainerState{Running: &corev1.ContainerStateRunning{}})),
			OrchestratorState{Pod: "p", UID: "uid-of-p", Phase: corev1.PodRunning},
		},
		{
			"ended", orchestratorPod("p", 1, phase(corev1.PodRunning), main(corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 11, Reason: "Error", Message: "another graph"}})),
			OrchestratorState{Pod: "p", UID: "uid-of-p", Phase: corev1.PodRunning, Reason: "Error", Message: "another graph", Ended: true, ExitCode: 11},
		},
		{
			"evicted", orchestratorPod("p", 1, phase(corev1.PodFailed), func(pod *corev1.Pod) { pod.Status.Reason, pod.Status.Message = "Evicted", "low on memory" }),
			OrchestratorState{Pod: "p", UID: "uid-of-p", Phase: corev1.PodFailed, Reason: "Evicted", Message: "low on memory", Ended: true},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, orchestratorState(test.pod)); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

// follow runs a watch until the test ends and returns the states it reports.
func follow(t *testing.T, watch func(context.Context, func(JobState)) error) *states {
	t.Helper()
	var s states
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- watch(ctx, s.add)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the watch ended with %v, want %v", err, context.Canceled)
		}
	})
	return &s
}

type states struct {
	mu  sync.Mutex
	all []JobState
}

func (s *states) add(state JobState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, state)
}

// take returns the states reported so far, once the bubble is at rest.
func (s *states) take() []JobState {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all
}

func updateJob(t *testing.T, client *fake.Clientset, job *batchv1.Job) {
	t.Helper()
	if _, err := client.BatchV1().Jobs("team").Update(t.Context(), job, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func TestWatchJobReportsEachStateOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		other := submittedJob(func(j *batchv1.Job) { j.Name, j.Labels = "train-8", map[string]string{LabelRun: "train-8"} })
		client := fake.NewClientset(submittedJob(), other)
		s := follow(t, func(ctx context.Context, report func(JobState)) error {
			return WatchJob(ctx, client, testRef(), report)
		})
		s.take()
		updateJob(t, client, submittedJob(func(j *batchv1.Job) { j.Status.Active = 1 }))
		updateJob(t, client, submittedJob(func(j *batchv1.Job) { j.Annotations[AnnotationStop] = "enough" }))
		if err := client.BatchV1().Jobs("team").Delete(t.Context(), "train-7", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		want := []JobState{{Exists: true}, {Exists: true, StopReason: "enough"}, {}}
		if diff := cmp.Diff(want, s.take()); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

func TestWatchJobOfAnotherRunOfTheSameName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(submittedJob(func(j *batchv1.Job) { j.UID = "another" }))
		s := follow(t, func(ctx context.Context, report func(JobState)) error {
			return WatchJob(ctx, client, testRef(), report)
		})
		if diff := cmp.Diff([]JobState{{}}, s.take()); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

func TestWatchOrchestratorSeesTheNewestPod(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		failed := func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed }
		running := func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodRunning }
		foreign := orchestratorPod("train-7-x", 9, func(pod *corev1.Pod) { pod.OwnerReferences[0].UID = "another" })
		client := fake.NewClientset(submittedJob(), orchestratorPod("train-7-a", 1, failed), foreign)
		s := follow(t, func(ctx context.Context, report func(JobState)) error {
			return WatchOrchestrator(ctx, client, testRef(), report)
		})
		s.take()
		if _, err := client.CoreV1().Pods("team").Create(t.Context(), orchestratorPod("train-7-b", 2, running), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		want := []JobState{
			{Exists: true, Orchestrator: OrchestratorState{Pod: "train-7-a", UID: "uid-of-p", Phase: corev1.PodFailed, Ended: true}},
			{Exists: true, Orchestrator: OrchestratorState{Pod: "train-7-b", UID: "uid-of-p", Phase: corev1.PodRunning}},
		}
		if diff := cmp.Diff(want, s.take()); diff != "" {
			t.Errorf("states (-want +got):\n%s", diff)
		}
	})
}

// Not in a bubble: client-go handles a watch's error with a pause that is reckoned from the start of the process.
func TestWatchJobOutlivesItsConnection(t *testing.T) {
	t.Parallel()
	client := fake.NewClientset(submittedJob())
	opened := make(chan watch.Interface, 10)
	client.PrependWatchReactor("jobs", func(action clienttesting.Action) (bool, watch.Interface, error) {
		w, err := client.Tracker().Watch(action.GetResource(), "team", action.(clienttesting.WatchActionImpl).ListOptions)
		opened <- w
		return true, w, err
	})
	reported := make(chan JobState, 10)
	follow(t, func(ctx context.Context, _ func(JobState)) error {
		return WatchJob(ctx, client, testRef(), func(s JobState) { reported <- s })
	})
	first := <-opened
	if diff := cmp.Diff(JobState{Exists: true}, <-reported); diff != "" {
		t.Errorf("first state (-want +got):\n%s", diff)
	}
	refuseOnce(client, "list", "jobs", apierrors.NewServiceUnavailable("restarting"))
	first.Stop()
	stopping := submittedJob(func(j *batchv1.Job) { j.Annotations[AnnotationStop] = "enough" })
	if _, err := client.BatchV1().Jobs("team").Update(t.Context(), stopping, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(JobState{Exists: true, StopReason: "enough"}, <-reported); diff != "" {
		t.Errorf("state after the outage (-want +got):\n%s", diff)
	}
}

func TestWatchJobWithoutTheRight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset()
		forbid(client, "list jobs")
		err := WatchJob(t.Context(), client, testRef(), func(JobState) { t.Error("a state is reported") })
		if _, ok := errors.AsType[*AccessError](err); !ok {
			t.Errorf("error %v, want an *AccessError", err)
		}
	})
}

// An API server that has just started refuses for a moment what it grants otherwise.
func TestWatchJobOutlastsARefusal(t *testing.T) {
	t.Parallel()
	for name, refusal := range refusals("list", "jobs") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := fake.NewClientset(submittedJob())
			refuseOnce(client, "list", "jobs", refusal)
			reported := make(chan JobState, 10)
			follow(t, func(ctx context.Context, _ func(JobState)) error {
				return WatchJob(ctx, client, testRef(), func(s JobState) { reported <- s })
			})
			if diff := cmp.Diff(JobState{Exists: true}, <-reported); diff != "" {
				t.Errorf("state (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWatchJobEndsBeforeItBegan(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client := fake.NewClientset()
	client.PrependReactor("list", "jobs", func(clienttesting.Action) (bool, runtime.Object, error) {
		cancel()
		return true, nil, apierrors.NewServiceUnavailable("down")
	})
	if err := WatchJob(ctx, client, testRef(), func(JobState) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}
