package kube

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/record"
)

func TestGenerationsAreToldByTheNamesOfTheirJobs(t *testing.T) {
	t.Parallel()
	for job, want := range map[string]int{
		"train-7": 1, "train-7-2": 2, "train-7-12": 12,
		"train-7-1": 0, "train-7-02": 0, "train-7-x": 0, "train-72": 0, "train-7-": 0, "train-7--2": 0, "other": 0, "": 0,
	} {
		if got := generation("train-7", job); got != want {
			t.Errorf("Job %q is of generation %d, want %d", job, got, want)
		}
	}
	if got := generation("", "7"); got != 0 {
		t.Errorf("a Job of no run is of generation %d", got)
	}
}

// retriedSubmission is a run with a hook, of which a change may make another.
func retriedSubmission(change func(*Submission)) Submission {
	s := testSubmission()
	s.Plan.Graph.Nodes = append(s.Plan.Graph.Nodes, graph.Node{Name: "alarm", Kind: graph.Step, Hook: graph.OnFailure})
	s.Plan.Kubernetes.StepTemplates["alarm"] = 0
	s.Plan.Fingerprint = s.Plan.Graph.Fingerprint()
	change(&s)
	return s
}

// failedRun is a run that has failed at its second step, which had two attempts; one of the third has ended since.
func failedRun(t *testing.T, change func(*Submission)) (*fake.Clientset, Ref) {
	t.Helper()
	client := newFakeAPI()
	s := retriedSubmission(change)
	ref, err := Submit(t.Context(), client, s)
	if err != nil {
		t.Fatal(err)
	}
	records := newRecorder(client, ref, s.Plan)
	for _, step := range []string{"load", "alarm"} {
		if _, _, err := records.commit(t.Context(), inlineResult(step), []byte(step)); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 2 {
		closing := record.Attempt{Step: "train", Attempt: n + 1, End: record.End{Outcome: record.Failed, Reason: "Error"}}
		if _, err := records.close(t.Context(), closing); err != nil {
			t.Fatal(err)
		}
	}
	if err := records.stop(t.Context(), "enough"); err != nil {
		t.Fatal(err)
	}
	pod := NewPods(ref, s.Plan).Of("evaluate", 1, 0)
	pod.Status.Phase = corev1.PodFailed
	if _, err := client.CoreV1().Pods("team").Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	endJob(t, client, batchv1.JobFailed)
	return client, ref
}

func endJob(t *testing.T, client *fake.Clientset, how batchv1.JobConditionType) {
	t.Helper()
	job := getJob(t, client)
	ends(how, "", "")(job)
	if _, err := client.BatchV1().Jobs("team").UpdateStatus(t.Context(), job, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func inlineResult(step string) record.Result {
	value := []byte(step)
	return record.Result{Run: "train-7", Step: step, Attempt: 3, Digest: string(artifact.Sum(value)), Size: int64(len(value)), Inline: true}
}

// retryRun makes the next generation of the run.
func retryRun(t *testing.T, client *fake.Clientset, change func(*Submission)) (*Generation, Ref, error) {
	t.Helper()
	g, err := Retried(t.Context(), client, Ref{Namespace: "team", Run: "train-7"})
	if err != nil {
		return nil, Ref{}, err
	}
	s := retriedSubmission(change)
	s.Ref.Job, s.Earlier = g.Next, g
	ref, err := Submit(t.Context(), client, s)
	return g, ref, err
}

func unchanged(*Submission) {}

func ownerless(s *Submission) { s.Plan.Kubernetes.SkipOwners = true }

func TestRetriedRunIsReadWhole(t *testing.T) {
	t.Parallel()
	client, ref := failedRun(t, unchanged)
	g, err := Retried(t.Context(), client, Ref{Namespace: "team", Run: "train-7"})
	if err != nil {
		t.Fatal(err)
	}
	if g.Ref != ref || g.Next != "train-7-2" || g.Plan.Run != "train-7" {
		t.Errorf("generation %+v, next %s; want %+v, next train-7-2", g.Ref, g.Next, ref)
	}
	if diff := cmp.Diff(map[string]int{"load": 3, "alarm": 3, "train": 2}, g.Attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"alarm", "load"}, slices.Sorted(maps.Keys(g.Results))); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestNextGenerationOwnsWhatItKeeps(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Submission){"with owners": unchanged, "without owners": ownerless} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, was := failedRun(t, change)
			_, is, err := retryRun(t, client, change)
			if err != nil {
				t.Fatal(err)
			}
			if is.JobUID == was.JobUID || is.PlanUID == was.PlanUID || is.Run != was.Run {
				t.Errorf("generation %+v after %+v", is, was)
			}
			kept := map[string]bool{}
			for _, object := range objectsOf(t, client) {
				if is.owns(object) {
					kept[object.GetName()] = true
					checkController(t, is, object)
				}
			}
			want := map[string]bool{
				"train-7-load-result": true, "train-7-train-attempt-1": true, "train-7-train-attempt-2": true,
				PodName("", "train-7", "evaluate", 1): true, "train-7-2-plan": true,
			}
			if diff := cmp.Diff(want, kept); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			if _, err := client.CoreV1().ConfigMaps("team").Get(t.Context(), "train-7-alarm-result", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				t.Errorf("the result of the hook is still there (%v): it would not be run again", err)
			}
			if _, err := client.BatchV1().Jobs("team").Get(t.Context(), "train-7", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
				t.Errorf("the Job before is still there (%v)", err)
			}
		})
	}
}

// objectsOf returns the ConfigMaps and pods of the namespace.
func objectsOf(t *testing.T, client *fake.Clientset) (all []metav1.Object) {
	t.Helper()
	configs, err := client.CoreV1().ConfigMaps("team").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range configs.Items {
		all = append(all, &configs.Items[i])
	}
	pods, err := client.CoreV1().Pods("team").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range pods.Items {
		all = append(all, &pods.Items[i])
	}
	return all
}

// checkController checks that an object of a run with owners has the plan of the new generation as its one controller.
func checkController(t *testing.T, ref Ref, object metav1.Object) {
	t.Helper()
	controllers := 0
	for _, o := range object.GetOwnerReferences() {
		if o.Controller != nil && *o.Controller {
			controllers++
			if o.UID != ref.PlanUID {
				t.Errorf("%s has the controller %s, want %s", object.GetName(), o.UID, ref.PlanUID)
			}
		}
	}
	if controllers > 1 {
		t.Errorf("%s has %d controllers; the API server allows one", object.GetName(), controllers)
	}
}

func TestDamagedResultIsNotKept(t *testing.T) {
	t.Parallel()
	client, _ := failedRun(t, unchanged)
	configs := client.CoreV1().ConfigMaps("team")
	cm, err := configs.Get(t.Context(), "train-7-load-result", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	cm.BinaryData[record.ValueFile("load")] = []byte("LOAD")
	if _, err := configs.Update(t.Context(), cm, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	g, _, err := retryRun(t, client, unchanged)
	if err != nil {
		t.Fatal(err)
	}
	if g.Has("load") || g.Void["load"] == nil {
		t.Errorf("results %v, void %v: want the damaged one among the latter", g.Results, g.Void)
	}
	if _, err := configs.Get(t.Context(), "train-7-load-result", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the damaged result is still there (%v): the step would not be run again", err)
	}
}

// storeWith is a store that says of every artifact the same.
type storeWith struct {
	artifact.Store
	size int64
	err  error
}

func (s storeWith) Stat(context.Context, artifact.Digest) (int64, error) { return s.size, s.err }

func TestStoredResultsAreLookedFor(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		store artifact.Store
		kept  bool
		fails bool
		ended bool
	}{
		"there":          {storeWith{size: 4}, true, false, false},
		"not there":      {storeWith{err: artifact.ErrNotFound}, false, false, false},
		"another":        {storeWith{size: 5}, false, false, false},
		"unreachable":    {storeWith{err: errors.New("no route to host")}, true, true, false},
		"no longer asks": {storeWith{err: context.Canceled}, true, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stored := inlineResult("load")
			stored.Inline = false
			g := &Generation{Results: map[string]record.Result{"load": stored, "inline": inlineResult("inline")}, Void: map[string]error{}}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if tt.ended {
				cancel()
			}
			err := g.CheckStored(ctx, tt.store)
			if (err != nil) != tt.fails || g.Has("load") != tt.kept || (g.Void["load"] == nil) != tt.kept || !g.Has("inline") {
				t.Errorf("results %v, void %v, error %v", g.Results, g.Void, err)
			}
		})
	}
}

func TestRetryThatFailsLeavesTheRunAsItWas(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"create configmaps", "patch configmaps", "patch pods", "patch jobs"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			client, was := failedRun(t, unchanged)
			refused := false
			client.PrependReactor("*", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
				if refused || call != action.GetVerb()+" "+action.GetResource().Resource {
					return false, nil, nil
				}
				refused = call == "patch jobs"
				return true, nil, noRightTo(action.GetVerb(), action.GetResource().Resource)
			})
			if _, _, err := retryRun(t, client, unchanged); err == nil {
				t.Fatal("the retry succeeds")
			}
			found, err := FindRun(t.Context(), client, Ref{Namespace: "team", Run: "train-7"})
			if err != nil || found != was {
				t.Errorf("the run is %+v, %v; want %+v", found, err, was)
			}
		})
	}
}

// A client that is killed while it retries a run leaves a Job behind that was never started. It is no run that goes on.
func TestRetryAfterOneThatWasBegun(t *testing.T) {
	t.Parallel()
	client, _ := failedRun(t, unchanged)
	begun := retriedSubmission(unchanged)
	begun.Ref.Job = "train-7-2"
	if _, err := client.BatchV1().Jobs("team").Create(t.Context(), begun.job("sha256:4567"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	g, is, err := retryRun(t, client, unchanged)
	if err != nil {
		t.Fatal(err)
	}
	if !g.Has("load") || is.Job != "train-7-3" {
		t.Errorf("Job %s keeps the results %v; want train-7-3 with that of load", is.Job, g.Results)
	}
	list, err := client.BatchV1().Jobs("team").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 1 {
		t.Errorf("%d Jobs, %v; want that of the new generation only", len(list.Items), err)
	}
}

func TestRetriedRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		prepare func(*testing.T, *fake.Clientset)
		want    error
	}{
		"a run that goes on": {func(t *testing.T, c *fake.Clientset) { t.Helper(); setConditions(t, c) }, ErrNotOver},
		"a run that is about to end": {func(t *testing.T, c *fake.Clientset) {
			t.Helper()
			setConditions(t, c, batchv1.JobFailureTarget)
		}, ErrNotOver},
		"a run that succeeded": {func(t *testing.T, c *fake.Clientset) { t.Helper(); setConditions(t, c, batchv1.JobComplete) }, ErrNoFailure},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				client, _ := failedRun(t, unchanged)
				tt.prepare(t, client)
				if _, err := Retried(t.Context(), client, Ref{Namespace: "team", Run: "train-7"}); !errors.Is(err, tt.want) {
					t.Errorf("error %v, want %v", err, tt.want)
				}
			})
		})
	}
}

func setConditions(t *testing.T, client *fake.Clientset, conditions ...batchv1.JobConditionType) {
	t.Helper()
	job := getJob(t, client)
	job.Status.Conditions = nil
	for _, c := range conditions {
		job.Status.Conditions = append(job.Status.Conditions, batchv1.JobCondition{Type: c, Status: corev1.ConditionTrue})
	}
	if _, err := client.BatchV1().Jobs("team").UpdateStatus(t.Context(), job, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestRunThatWasRetriedTooOften(t *testing.T) {
	t.Parallel()
	run := strings.Repeat("x", maxName-2)
	s := testSubmission()
	s.Ref.Run = run
	job := s.job("sha256:4567")
	job.Name = jobOf(run, 9)
	ends(batchv1.JobFailed, "", "")(job)
	_, err := Retried(t.Context(), newFakeAPI(job), Ref{Namespace: "team", Run: run})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("over %d bytes", maxName)) {
		t.Errorf("error %v does not say that the name is too long", err)
	}
}
