package kube

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

func testRef() Ref {
	return Ref{Namespace: "team", Run: "train-7", Pipeline: "train", JobUID: "job-uid", PlanUID: "plan-uid"}
}

// testPlan is of the pipeline load → train → evaluate, which takes load's value too.
func testPlan() *plan.Plan {
	return &plan.Plan{
		Run: "train-7",
		Graph: graph.Graph{Pipeline: "train", Nodes: []graph.Node{
			{Name: "rows", Kind: graph.Param},
			{Name: "load", Kind: graph.Step, Inputs: []string{"rows"}},
			{Name: "train", Kind: graph.Step, Inputs: []string{"load"}},
			{Name: "evaluate", Kind: graph.Step, Inputs: []string{"train", "load", "rows", "train"}, After: []string{"load"}},
		}},
		Kubernetes: &plan.Kubernetes{
			Templates: []corev1.PodTemplateSpec{{
				Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: MainContainer, Image: "registry.example/train@sha256:0123"}}},
			}},
			StepTemplates: map[string]int{"load": 0, "train": 0, "evaluate": 0},
		},
	}
}

// newFakeAPI is client-go's fake with the two things of a real server on which a cluster relies: every object gets a UID
// and a resource version, and a deletion for one UID spares every other.
func newFakeAPI(objects ...runtime.Object) *fake.Clientset {
	client := fake.NewClientset(objects...)
	var clock atomic.Int64
	clock.Store(1000)
	stamp := func(action clienttesting.Action) (bool, runtime.Object, error) {
		// An update has an object, too.
		object, err := meta.Accessor(action.(clienttesting.CreateAction).GetObject())
		if err != nil {
			return true, nil, err
		}
		now := clock.Add(1)
		object.SetResourceVersion(fmt.Sprint(now))
		if action.GetVerb() == "create" {
			object.SetUID(types.UID(fmt.Sprintf("uid-%d", now)))
		}
		return false, nil, nil
	}
	client.PrependReactor("create", "*", stamp)
	client.PrependReactor("update", "*", stamp)
	client.PrependReactor("delete", "*", func(action clienttesting.Action) (bool, runtime.Object, error) {
		want := action.(clienttesting.DeleteActionImpl)
		object, err := client.Tracker().Get(action.GetResource(), action.GetNamespace(), want.GetName())
		if err != nil {
			return true, nil, err
		}
		only := want.GetDeleteOptions().Preconditions
		if found, err := meta.Accessor(object); err != nil || only != nil && *only.UID != found.GetUID() {
			return true, nil, apierrors.NewConflict(action.GetResource().GroupResource(), want.GetName(), fmt.Errorf("the UID does not match"))
		}
		return false, nil, nil
	})
	return client
}

// refuseOnce makes the first call of a verb on a resource fail.
func refuseOnce(client *fake.Clientset, verb, resource string, err error) {
	var asked atomic.Bool
	client.PrependReactor(verb, resource, func(clienttesting.Action) (bool, runtime.Object, error) {
		if asked.CompareAndSwap(false, true) {
			return true, nil, err
		}
		return false, nil, nil
	})
}

func orchestratorJob() *batchv1.Job {
	return &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "train-7", Namespace: "team", UID: "job-uid"}}
}

// stepPod is an attempt's pod as the API server would return it.
func stepPod(step string, attempt int, change ...func(*corev1.Pod)) *corev1.Pod {
	pod := NewPods(testRef(), testPlan()).Of(step, attempt, 0)
	pod.UID = types.UID(fmt.Sprintf("%s-%d", step, attempt))
	pod.ResourceVersion = "500"
	pod.Status.Phase = corev1.PodPending
	for _, f := range change {
		f(pod)
	}
	return pod
}

func resultOf(step string, value []byte) record.Result {
	return record.Result{
		Run: "train-7", Step: step, Attempt: 1, UID: step + "-1",
		Digest: string(artifact.Sum(value)), Size: int64(len(value)), Inline: true,
		Started: time.Unix(1700000000, 0).UTC(), Finished: time.Unix(1700000060, 0).UTC(),
	}
}

func closingOf(step string, attempt int) record.Attempt {
	return record.Attempt{
		Run: "train-7", Step: step, Attempt: attempt, UID: fmt.Sprintf("%s-%d", step, attempt),
		End: record.End{Outcome: record.Failed, Reason: "Error", Message: "no rows", ExitCode: 1},
	}
}

// watched returns a cluster that is being watched, and the steps that change.
func watched(t *testing.T, client *fake.Clientset) (*Cluster, <-chan string) {
	t.Helper()
	c := NewCluster(client, testRef(), testPlan(), Options{})
	changes := make(chan string, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	if err := c.Watch(ctx, func(step string) { changes <- step }); err != nil {
		t.Fatal(err)
	}
	return c, changes
}

// until waits for a change of step after which seen is true.
func until(t *testing.T, changes <-chan string, step string, seen func() bool) {
	t.Helper()
	for !seen() {
		select {
		case <-t.Context().Done():
			t.Fatal("the test was ended")
		case <-changes:
		case <-time.After(20 * time.Second):
			t.Fatalf("step %s never came to be as expected", step)
		}
	}
}
