package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func TestStartIsSeenBeforeTheWatchShowsIt(t *testing.T) {
	t.Parallel()
	// Nothing is watched: all that is seen is the cluster's own.
	c := NewCluster(newFakeAPI(), testRef(), testPlan(), Options{})
	if err := c.Start(t.Context(), "load", 1); err != nil {
		t.Fatal(err)
	}
	want := engine.Observation{Sightings: []engine.Sighting{{Attempt: 1, UID: "uid-1001", Phase: engine.Waiting, Reason: "Pending"}}}
	if diff := cmp.Diff(want, c.View("load")); diff != "" {
		t.Errorf("view (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(engine.Observation{}, c.View("train")); diff != "" {
		t.Errorf("view of another step (-want +got):\n%s", diff)
	}
}

func TestStartAgainAdopts(t *testing.T) {
	t.Parallel()
	running := stepPod("load", 1, withPhase(corev1.PodRunning), withStatus(MainContainer, runningState()))
	client := newFakeAPI(running)
	c := NewCluster(client, testRef(), testPlan(), Options{})
	for range 2 {
		if err := c.Start(t.Context(), "load", 1); err != nil {
			t.Fatal(err)
		}
	}
	want := []engine.Sighting{{Attempt: 1, UID: "load-1", Phase: engine.Running, Started: startTime}}
	if diff := cmp.Diff(want, c.View("load").Sightings); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
	pods, err := client.CoreV1().Pods("team").List(t.Context(), metav1.ListOptions{})
	if err != nil || len(pods.Items) != 1 {
		t.Errorf("%d pods (%v), want the one that was there", len(pods.Items), err)
	}
}

func TestStartWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	lost := false
	client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		if lost {
			return false, nil, nil
		}
		lost = true
		pod := action.(clienttesting.CreateAction).GetObject().DeepCopyObject().(*corev1.Pod)
		pod.UID = "from-the-first-call"
		return true, nil, errors.Join(client.Tracker().Add(pod), lostAnswer())
	})
	c := NewCluster(client, testRef(), testPlan(), Options{})
	err := c.Start(t.Context(), "load", 1)
	if _, refused := errors.AsType[*engine.Refusal](err); err == nil || refused {
		t.Fatalf("got %v, want an error that says nothing about the attempt", err)
	}
	if err := c.Start(t.Context(), "load", 1); err != nil {
		t.Fatal(err)
	}
	if got := c.View("load").Sightings; len(got) != 1 || got[0].UID != "from-the-first-call" {
		t.Errorf("sightings %+v, want the first call's pod", got)
	}
}

func TestStartMeetsAnothersPod(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*corev1.Pod)
		queued bool
	}{
		"with no owner":             {change: func(pod *corev1.Pod) { pod.OwnerReferences = nil }},
		"of an earlier run":         {change: func(pod *corev1.Pod) { pod.OwnerReferences = []metav1.OwnerReference{{UID: "earlier"}} }},
		"of another run":            {change: func(pod *corev1.Pod) { pod.Labels[LabelRun] = "other" }},
		"of another step":           {change: func(pod *corev1.Pod) { pod.Labels[LabelStep] = "train" }},
		"of another attempt":        {change: func(pod *corev1.Pod) { pod.Labels[LabelAttempt] = "2" }},
		"of no attempt":             {change: func(pod *corev1.Pod) { pod.Labels[LabelAttempt] = "first" }},
		"that is about to go":       {change: func(pod *corev1.Pod) { pod.OwnerReferences = nil; deleting(pod) }, queued: true},
		"without any labels at all": {change: func(pod *corev1.Pod) { pod.Labels = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := NewCluster(newFakeAPI(stepPod("load", 1, tt.change)), testRef(), testPlan(), Options{})
			refusal, ok := errors.AsType[*engine.Refusal](c.Start(t.Context(), "load", 1))
			if !ok || refusal.Reason != "NameTaken" || refusal.Queued != tt.queued || refusal.Permanent == tt.queued {
				t.Fatalf("got %+v", refusal)
			}
			if name := stepPod("load", 1).Name; !strings.Contains(refusal.Message, "team/"+name) || !strings.Contains(refusal.Message, "load-1") {
				t.Errorf("%q names neither the pod nor its UID", refusal.Message)
			}
			if got := c.View("load"); len(got.Sightings) != 0 {
				t.Errorf("sightings %+v of a pod that is not ours", got.Sightings)
			}
		})
	}
}

func TestStartRefused(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	refuseOnce(client, "create", "pods", forbidden("exceeded quota: compute"))
	c := NewCluster(client, testRef(), testPlan(), Options{})
	refusal, ok := errors.AsType[*engine.Refusal](c.Start(t.Context(), "load", 1))
	if !ok || !refusal.Queued {
		t.Fatalf("got %+v, want to be queued", refusal)
	}
	if err := c.Start(t.Context(), "load", 1); err != nil {
		t.Errorf("once there is quota: %v", err)
	}
}

func TestStartTellsTheRoomLeft(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		used int64
		want int64
	}{
		{0, 0},
		{record.MaxInlinePerRun - record.MaxInline, 0},
		{record.MaxInlinePerRun - 1000, 1000},
		{record.MaxInlinePerRun, -1},
		{record.MaxInlinePerRun + record.MaxInline, -1},
	} {
		client := newFakeAPI()
		c := NewCluster(client, testRef(), testPlan(), Options{})
		c.records.wrote(&item[recorded]{
			name: "r", step: "load", size: tt.used, means: recorded{result: new(resultOf("load", nil))},
		})
		if err := c.Start(t.Context(), "train", 1); err != nil {
			t.Fatal(err)
		}
		pod, err := c.getPod(t.Context(), stepPod("train", 1).Name)
		if err != nil {
			t.Fatal(err)
		}
		if got := roleOf(t, pod.Spec).Room; got != tt.want {
			t.Errorf("with %d bytes used the step is told %d, want %d", tt.used, got, tt.want)
		}
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(stepPod("load", 1))
	c := NewCluster(client, testRef(), testPlan(), Options{})
	for _, uid := range []string{"another", "load-1", "load-1"} {
		if err := c.Remove(t.Context(), "load", 1, uid); err != nil {
			t.Fatal(err)
		}
		_, err := c.getPod(t.Context(), stepPod("load", 1).Name)
		if gone := apierrors.IsNotFound(err); gone != (uid == "load-1") {
			t.Errorf("after removing UID %s: %v", uid, err)
		}
	}
}

// TestForceRemove sees what the API server is asked for: client-go's fake clientset removes a pod at once in any case.
func TestForceRemove(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(stepPod("load", 1))
	c := NewCluster(client, testRef(), testPlan(), Options{})
	for _, remove := range []func(context.Context, string, int, string) error{c.Remove, c.ForceRemove} {
		if err := remove(t.Context(), "load", 1, "load-1"); err != nil {
			t.Fatal(err)
		}
	}
	uid := metav1.NewUIDPreconditions("load-1")
	want := []metav1.DeleteOptions{{Preconditions: uid}, {Preconditions: uid, GracePeriodSeconds: new(int64(0))}}
	if d := cmp.Diff(want, deletions(client)); d != "" {
		t.Errorf("the options of the deletions (-want +got):\n%s", d)
	}
}

// deletions returns what the API server was asked to delete with.
func deletions(client *fake.Clientset) []metav1.DeleteOptions {
	var all []metav1.DeleteOptions
	for _, action := range client.Actions() {
		if deletion, ok := action.(clienttesting.DeleteActionImpl); ok {
			all = append(all, deletion.GetDeleteOptions())
		}
	}
	return all
}

func TestRemoveThatIsNotAnswered(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(stepPod("load", 1))
	refuseOnce(client, "delete", "pods", apierrors.NewServiceUnavailable("starting"))
	c := NewCluster(client, testRef(), testPlan(), Options{})
	if err := c.Remove(t.Context(), "load", 1, "load-1"); !apierrors.IsServiceUnavailable(err) {
		t.Errorf("got %v", err)
	}
}

func TestRecordsAreSeenBeforeTheWatchShowsThem(t *testing.T) {
	t.Parallel()
	c := NewCluster(newFakeAPI(), testRef(), testPlan(), Options{})
	value := []byte("42")
	result := resultOf("load", value)
	result.Attempt = 3
	if _, err := c.Commit(t.Context(), result, value); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{2, 1} {
		if err := c.Close(t.Context(), closingOf("load", n)); err != nil {
			t.Fatal(err)
		}
	}
	want := engine.Observation{Result: &result, Closed: []record.Attempt{closingOf("load", 1), closingOf("load", 2)}}
	if diff := cmp.Diff(want, c.View("load")); diff != "" {
		t.Errorf("view (-want +got):\n%s", diff)
	}
}

func TestCommitReturnsWhatStands(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(resultObject(t, "load", []byte("42")))
	c := NewCluster(client, testRef(), testPlan(), Options{})
	later := resultOf("load", []byte("43"))
	later.Attempt = 2
	got, err := c.Commit(t.Context(), later, []byte("43"))
	if err != nil {
		t.Fatal(err)
	}
	want := resultOf("load", []byte("42"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("standing (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(&want, c.View("load").Result); diff != "" {
		t.Errorf("view (-want +got):\n%s", diff)
	}
}

func TestCommitOfAValueThatIsElsewhere(t *testing.T) {
	t.Parallel()
	result := resultOf("load", []byte("42"))
	t.Run("recorded by its step", func(t *testing.T) {
		t.Parallel()
		c := NewCluster(newFakeAPI(resultObject(t, "load", []byte("42"))), testRef(), testPlan(), Options{})
		if got, err := c.Commit(t.Context(), result, nil); err != nil || got.Digest != result.Digest {
			t.Errorf("got %+v and %v", got, err)
		}
	})
	t.Run("recorded nowhere", func(t *testing.T) {
		t.Parallel()
		client := newFakeAPI()
		c := NewCluster(client, testRef(), testPlan(), Options{})
		if _, err := c.Commit(t.Context(), result, nil); !apierrors.IsNotFound(err) {
			t.Errorf("got %v, want that there is no record", err)
		}
		if _, err := c.recorder.get(t.Context(), ResultName("train-7", "load")); !apierrors.IsNotFound(err) {
			t.Error("made a record that has lost its value")
		}
	})
	t.Run("in the artifact store", func(t *testing.T) {
		t.Parallel()
		stored := result
		stored.Inline, stored.Size = false, 1<<40
		c := NewCluster(newFakeAPI(), testRef(), testPlan(), Options{})
		if got, err := c.Commit(t.Context(), stored, nil); err != nil || got != stored {
			t.Errorf("got %+v and %v", got, err)
		}
	})
}

func TestRecordsOfAnotherRunAreRefused(t *testing.T) {
	t.Parallel()
	c := NewCluster(newFakeAPI(), testRef(), testPlan(), Options{})
	result := resultOf("load", nil)
	result.Run = "train-8"
	if _, err := c.Commit(t.Context(), result, nil); err == nil {
		t.Error("recorded another run's result")
	}
}

func TestCloseIsDoneOnce(t *testing.T) {
	t.Parallel()
	c := NewCluster(newFakeAPI(), testRef(), testPlan(), Options{})
	first, second := closingOf("load", 1), closingOf("load", 1)
	first.Run = "" // the driver leaves it to the cluster
	second.Outcome, second.Reason = record.Lost, "Vanished"
	for _, closing := range []record.Attempt{first, second} {
		if err := c.Close(t.Context(), closing); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]record.Attempt{closingOf("load", 1)}, c.View("load").Closed); diff != "" {
		t.Errorf("closed (-want +got):\n%s", diff)
	}
}

func TestWhatStandsInTheWayOfARecord(t *testing.T) {
	t.Parallel()
	result, closed := resultObject(t, "load", nil), attemptObject(t, "load", 1)
	result.OwnerReferences, closed.Data = nil, map[string]string{"note": "hello"}
	c := NewCluster(newFakeAPI(result, closed, orchestratorJob()), testRef(), testPlan(), Options{})
	_, commit := c.Commit(t.Context(), resultOf("load", nil), nil)
	_, confirm := c.Confirm(t.Context(), "load", 1)
	for object, errs := range map[string][]error{
		result.Name: {commit, confirm},
		closed.Name: {c.Close(t.Context(), closingOf("load", 1))},
	} {
		for _, err := range errs {
			if err == nil || !strings.Contains(err.Error(), object) {
				t.Errorf("got %v, want an error that names %s", err, object)
			}
		}
	}
	if diff := cmp.Diff(engine.Observation{}, c.View("load")); diff != "" {
		t.Errorf("view (-want +got):\n%s", diff)
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	result := resultOf("load", []byte("42"))
	sighting := engine.Sighting{Attempt: 1, UID: "load-1", Phase: engine.Waiting, Reason: "Pending"}
	deletedJob, otherJob := orchestratorJob(), orchestratorJob()
	deletedJob.DeletionTimestamp, deletedJob.Finalizers = new(metav1.Now()), []string{"foregroundDeletion"}
	otherJob.UID = "another"
	closed := closingOf("load", 1)
	closed.Run = testRef().Run
	foreign := stepPod("load", 1, func(pod *corev1.Pod) { pod.OwnerReferences = nil })
	for _, tt := range []struct {
		name    string
		objects []runtime.Object
		want    engine.Confirmation
	}{
		{"everything there", []runtime.Object{orchestratorJob(), stepPod("load", 1), resultObject(t, "load", []byte("42"))}, engine.Confirmation{Result: &result, Sighting: &sighting}},
		{"a record, and no pod", []runtime.Object{orchestratorJob(), attemptObject(t, "load", 1)}, engine.Confirmation{Closed: &closed}},
		{"no pod", []runtime.Object{orchestratorJob()}, engine.Confirmation{}},
		{"another attempt's pod", []runtime.Object{orchestratorJob(), stepPod("load", 2)}, engine.Confirmation{}},
		{"somebody else's pod", []runtime.Object{orchestratorJob(), foreign}, engine.Confirmation{}},
		{"run deleted", nil, engine.Confirmation{RunGone: true}},
		{"run being deleted", []runtime.Object{deletedJob}, engine.Confirmation{RunGone: true}},
		{"another run of its name", []runtime.Object{otherJob}, engine.Confirmation{RunGone: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := NewCluster(newFakeAPI(tt.objects...), testRef(), testPlan(), Options{})
			got, err := c.Confirm(t.Context(), "load", 1)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("confirmation (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfirmWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for _, resource := range []string{"pods", "configmaps", "jobs"} {
		client := newFakeAPI(orchestratorJob())
		refuseOnce(client, "get", resource, apierrors.NewServiceUnavailable("starting"))
		c := NewCluster(client, testRef(), testPlan(), Options{})
		if got, err := c.Confirm(t.Context(), "load", 1); !apierrors.IsServiceUnavailable(err) || got != (engine.Confirmation{}) {
			t.Errorf("without an answer about %s: got %+v and %v", resource, got, err)
		}
	}
}

func TestConfirmReadsThePodFirstAndTheJobLast(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(orchestratorJob())
	if _, err := NewCluster(client, testRef(), testPlan(), Options{}).Confirm(t.Context(), "load", 1); err != nil {
		t.Fatal(err)
	}
	var reads []string
	for _, action := range client.Actions() {
		reads = append(reads, fmt.Sprint(action.GetVerb(), " ", action.GetResource().Resource))
	}
	if want := []string{"get pods", "get configmaps", "get configmaps", "get jobs"}; !slices.Equal(reads, want) {
		t.Errorf("reads %v, want %v", reads, want)
	}
}
