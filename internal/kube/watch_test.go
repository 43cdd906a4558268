package kube

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

func updatePod(t *testing.T, client *fake.Clientset, pod *corev1.Pod) {
	t.Helper()
	if _, err := client.CoreV1().Pods("team").Update(t.Context(), pod, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestWatchShowsWhatWasThereBefore(t *testing.T) {
	t.Parallel()
	foreign := stepPod("load", 2, func(pod *corev1.Pod) { pod.OwnerReferences = nil })
	other := stepPod("load", 3, func(pod *corev1.Pod) { pod.Labels[LabelRun] = "other" })
	c, _ := watched(t, newFakeAPI(
		stepPod("load", 1, withPhase(corev1.PodRunning), withStatus(MainContainer, runningState())), foreign, other,
		stepPod("train", 2), attemptObject(t, "train", 1), resultObject(t, "load", []byte("42")),
	))
	result := resultOf("load", []byte("42"))
	for step, want := range map[string]engine.Observation{
		"load": {
			Result:    &result,
			Sightings: []engine.Sighting{{Attempt: 1, UID: "load-1", Phase: engine.Running, Started: startTime}},
		},
		"train": {
			Closed:    []record.Attempt{closingOf("train", 1)},
			Sightings: []engine.Sighting{{Attempt: 2, UID: "train-2", Phase: engine.Waiting, Reason: "Pending"}},
		},
		"evaluate": {},
	} {
		if diff := cmp.Diff(want, c.View(step)); diff != "" {
			t.Errorf("view of %s (-want +got):\n%s", step, diff)
		}
	}
}

func TestWatchFollowsAnAttempt(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	c, changes := watched(t, client)
	if err := c.Start(t.Context(), "load", 1); err != nil {
		t.Fatal(err)
	}
	pod, err := c.getPod(t.Context(), stepPod("load", 1).Name)
	if err != nil {
		t.Fatal(err)
	}
	phase := func(want engine.Phase) func() bool {
		return func() bool { s := c.View("load").Sightings; return len(s) == 1 && s[0].Phase == want }
	}
	withPhase(corev1.PodRunning)(pod)
	withStatus(MainContainer, runningState())(pod)
	updatePod(t, client, pod)
	until(t, changes, "load", phase(engine.Running))

	if _, err := NewCommitter(client, testRef(), testPlan()).Commit(t.Context(), resultOf("load", []byte("42")), []byte("42")); err != nil {
		t.Fatal(err)
	}
	until(t, changes, "load", func() bool { return c.View("load").Result != nil })

	if err := c.Remove(t.Context(), "load", 1, string(pod.UID)); err != nil {
		t.Fatal(err)
	}
	until(t, changes, "load", func() bool { return len(c.View("load").Sightings) == 0 })
}

func TestViewShowsARemovedAttemptAsLeaving(t *testing.T) {
	t.Parallel()
	client := newFakeAPI(stepPod("load", 1, withPhase(corev1.PodRunning), withStatus(MainContainer, runningState())))
	// The server takes its time, as it does with a pod that has a grace period.
	client.PrependReactor("delete", "pods", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, nil })
	c, _ := watched(t, client)
	if err := c.Remove(t.Context(), "load", 1, "load-1"); err != nil {
		t.Fatal(err)
	}
	want := []engine.Sighting{{Attempt: 1, UID: "load-1", Phase: engine.Running, Started: startTime, Deleting: true}}
	if diff := cmp.Diff(want, c.View("load").Sightings); diff != "" {
		t.Errorf("sightings (-want +got):\n%s", diff)
	}
}

func TestWatchSelectsTheRunsObjects(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	watched(t, client)
	want := map[string]string{"pods": "run=train-7,step", "configmaps": "run=train-7,k8sorch.io/record in (attempt,result,stop)"}
	for _, action := range client.Actions() {
		list, ok := action.(clienttesting.ListActionImpl)
		if !ok {
			continue
		}
		resource := list.GetResource().Resource
		if got := list.GetListRestrictions().Labels.String(); !sameSelector(got, want[resource]) {
			t.Errorf("%s are selected by %q, want %q", resource, got, want[resource])
		}
		if rv := list.GetListOptions().ResourceVersion; rv != "" {
			t.Errorf("%s are listed from resource version %q, want a consistent read", resource, rv)
		}
		delete(want, resource)
	}
	if len(want) != 0 {
		t.Errorf("not listed: %v", want)
	}
}

// sameSelector compares selectors whose requirements may stand in any order.
func sameSelector(a, b string) bool {
	one, err1 := metav1.ParseToLabelSelector(a)
	two, err2 := metav1.ParseToLabelSelector(b)
	return err1 == nil && err2 == nil && metav1.FormatLabelSelector(one) == metav1.FormatLabelSelector(two)
}

func TestWatchOutlastsAnOutage(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	refuseOnce(client, "list", "pods", apierrors.NewServiceUnavailable("starting"))
	refuseOnce(client, "list", "configmaps", lostAnswer())
	var cut atomic.Bool
	client.PrependWatchReactor("pods", func(clienttesting.Action) (bool, apiwatch.Interface, error) {
		if cut.CompareAndSwap(false, true) {
			return true, nil, lostAnswer()
		}
		return false, nil, nil
	})
	logs, seen := observer.New(zap.InfoLevel)
	told := make(chan error, 1000)
	c := NewCluster(client, testRef(), testPlan(), Options{Logger: zap.New(logs), Outage: func(err error) { told <- err }})
	changes := make(chan string, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := c.Watch(ctx, func(step string) { changes <- step }); err != nil {
		t.Fatal(err)
	}
	if begins := <-told; begins == nil {
		t.Error("the outage is not told")
	}
	if ends := <-told; ends != nil {
		t.Errorf("the end of the outage is told as %v", ends)
	}
	if _, err := client.CoreV1().Pods("team").Create(t.Context(), stepPod("load", 1), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	until(t, changes, "load", func() bool { return len(c.View("load").Sightings) == 1 })
	if seen.FilterMessage("cannot watch the run, trying again").Len() == 0 || seen.FilterMessage("watching the run again").Len() == 0 {
		t.Errorf("logged %v, want the outage and its end", seen.All())
	}
}

func TestWatchWithoutTheRight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client := newFakeAPI()
		forbid(client, "list configmaps")
		c := NewCluster(client, testRef(), testPlan(), Options{})
		err := c.Watch(t.Context(), func(string) {})
		if _, denied := errors.AsType[*AccessError](err); !denied || !strings.Contains(err.Error(), "train-7") {
			t.Errorf("got %v, want an access error that names the run", err)
		}
	})
}

// An API server that has just started knows neither callers nor Roles.
func TestWatchOutlastsRefusals(t *testing.T) {
	t.Parallel()
	for name, refusal := range refusals("list", "configmaps") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newFakeAPI()
			refuseOnce(client, "list", "configmaps", refusal)
			watched(t, client)
		})
	}
}

func TestWatchThatIsGivenUp(t *testing.T) {
	t.Parallel()
	client := newFakeAPI()
	asked := make(chan struct{}, 1)
	client.PrependReactor("list", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		select {
		case asked <- struct{}{}:
		default:
		}
		return true, nil, apierrors.NewServiceUnavailable("starting")
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the user has had enough")
	go func() {
		<-asked
		cancel(reason)
	}()
	if err := NewCluster(client, testRef(), testPlan(), Options{}).Watch(ctx, func(string) {}); !errors.Is(err, reason) {
		t.Errorf("got %v, want %v", err, reason)
	}
}

func TestWatchLooksAgainAtEverything(t *testing.T) {
	t.Parallel()
	p := testPlan()
	p.Kubernetes.Resync = time.Millisecond
	c := NewCluster(newFakeAPI(stepPod("load", 1), resultObject(t, "train", nil)), testRef(), p, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes := make(chan string, 1)
	err := c.Watch(ctx, func(step string) {
		select {
		case changes <- step:
		default:
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for told := map[string]int{}; told["load"] < 3 || told["train"] < 3; {
		told[<-changes]++
	}
}
