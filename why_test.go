package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func whyOf(t *testing.T, h *pipeline.Handle) []pipeline.Explanation {
	t.Helper()
	explained, err := h.Why(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return explained
}

func TestWhyOfARunThatFailed(t *testing.T) {
	t.Parallel()
	bad := pipeline.Func0("bad", func(context.Context) (int, error) { return 0, errors.New("no rows") })
	p := pipeline.New("p").Step(pipeline.Func("after", increment, bad), pipeline.Func0("good", number))
	c := k8sorchtest.New(t, p)
	run, _ := c.Run(t.Context(), p)
	want := []pipeline.Explanation{
		{Step: "bad", Outcome: pipeline.Failed, Reason: "Error", Message: "no rows", Remedy: "see its log"},
		{Step: "after", Outcome: pipeline.Skipped, Reason: "Skipped", Message: `step "bad" did not succeed`},
	}
	if diff := cmp.Diff(want, whyOf(t, reopened(t, c, p, run.ID))); diff != "" {
		t.Errorf("why (-want +got):\n%s", diff)
	}
}

// TestWhyOfAHookThatFailed has a hook fail after a run whose steps all succeeded.
func TestWhyOfAHookThatFailed(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("good", number)).OnExit("tell", func(context.Context, pipeline.RunEnd) error {
		return errors.New("no such channel")
	})
	c := k8sorchtest.New(t, p)
	run, _ := c.Run(t.Context(), p)
	want := []pipeline.Explanation{{Step: "tell", Outcome: pipeline.Failed, Reason: "Error", Message: "no such channel", Remedy: "see its log"}}
	if diff := cmp.Diff(want, whyOf(t, reopened(t, c, p, run.ID))); diff != "" {
		t.Errorf("why (-want +got):\n%s", diff)
	}
}

// TestWhyOfAPodThatWaits has a pod about which its status says little, and its events more.
func TestWhyOfAPodThatWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		p, running := heldPipeline(release)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		<-running
		synctest.Wait()
		hold(t, c, onlyPod(t, c, "slow"), `{"phase":"Pending","containerStatuses":[{"name":"main","state":{"waiting":{"reason":"ContainerCreating"}}}]}`,
			"FailedMount", `configmap "weights" not found`)
		want := []pipeline.Explanation{
			{
				Step: "slow", State: "Waiting", Reason: "FailedMount", Message: "ContainerCreating\nFailedMount: configmap \"weights\" not found",
				Remedy: "see that the volume exists and can be mounted on that node (Volumes, VolumeMounts)",
			},
			{Step: "after", State: "Pending", Message: "waits for slow (Waiting)"},
		}
		if diff := cmp.Diff(want, whyOf(t, reopened(t, c, p, h.ID))); diff != "" {
			t.Errorf("why (-want +got):\n%s", diff)
		}
		close(release)
		if _, err := h.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// TestWhySaysNothingTwice has the scheduler speak in the pod's status and in an event.
func TestWhySaysNothingTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, running := held(release)
		p := pipeline.New("p").Step(slow)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		<-running
		synctest.Wait()
		hold(t, c, onlyPod(t, c, "slow"), `{"phase":"Pending","containerStatuses":null,"conditions":[{"type":"PodScheduled","status":"False",`+
			`"reason":"Unschedulable","message":"0/1 nodes are available"}]}`, "FailedScheduling", "0/1 nodes are available")
		want := []pipeline.Explanation{{
			Step: "slow", State: "Waiting", Reason: "Unschedulable", Message: "Unschedulable: 0/1 nodes are available",
			Remedy: "ask for less (Resources), let it go to more nodes (NodeSelectors, Tolerations, Affinity), or add a node",
		}}
		if diff := cmp.Diff(want, whyOf(t, reopened(t, c, p, h.ID))); diff != "" {
			t.Errorf("why (-want +got):\n%s", diff)
		}
		close(release)
	})
}

// hold gives a pod a status, and an event that warns of it.
func hold(t *testing.T, c *k8sorchtest.Cluster, pod corev1.Pod, status, reason, message string) {
	t.Helper()
	core := c.Clientset().CoreV1()
	patch := []byte(`{"status":` + status + `}`)
	if _, err := core.Pods(pod.Namespace).Patch(t.Context(), pod.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	event := &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: "e", Namespace: pod.Namespace}, Type: corev1.EventTypeWarning, Reason: reason,
		Message: message, InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: pod.Name},
	}
	if _, err := core.Events(pod.Namespace).Create(t.Context(), event, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func onlyPod(t *testing.T, c *k8sorchtest.Cluster, step string) corev1.Pod {
	t.Helper()
	pods, err := c.Clientset().CoreV1().Pods(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "step=" + step})
	if err != nil || len(pods.Items) != 1 {
		t.Fatalf("%d pods of step %q, %v; want one", len(pods.Items), step, err)
	}
	return pods.Items[0]
}

func TestWhyOfARunThatAQueueHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, running := held(release)
		p := pipeline.New("p").Step(slow)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		<-running
		synctest.Wait()
		if _, err := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).Patch(t.Context(), h.ID, types.MergePatchType,
			[]byte(`{"spec":{"suspend":true}}`), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
		want := []pipeline.Explanation{{
			State: "Suspended", Message: "the orchestrator is waiting: its Job is suspended, as a queue keeps it until the run's turn has come",
			Remedy: "see what the queue says of the Job, or have it resumed",
		}}
		if diff := cmp.Diff(want, whyOf(t, reopened(t, c, p, h.ID))); diff != "" {
			t.Errorf("why (-want +got):\n%s", diff)
		}
		close(release)
	})
}
