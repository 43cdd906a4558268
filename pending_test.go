package pipeline

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// A volume that does not mount shows in events only: the pod says no more than ContainerCreating.
func TestEventsOfAPodThatWaitsAreToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []string
		run := &clusterRun{
			ref: kube.Ref{Namespace: "team", Run: "r"}, plan: &plan.Plan{Kubernetes: &plan.Kubernetes{}},
			tracker: &tracker{run: &Run{}, events: func(e Event) { told = append(told, e.Message) }},
		}
		run.conn = &kube.Connection{Client: fake.NewClientset(&corev1.Event{
			ObjectMeta:     metav1.ObjectMeta{Name: "1", Namespace: "team"},
			InvolvedObject: corev1.ObjectReference{Kind: "Pod", Name: run.podName("load", 1)},
			Type:           corev1.EventTypeWarning, Reason: "FailedMount", Message: `persistentvolumeclaim "raw" not found`,
		})}
		w := run.newPendingWatch()
		w.status(engine.Status{Step: "load", Attempt: 1, State: engine.State(engine.Waiting), Why: "ContainerCreating"})
		w.status(engine.Status{Step: "train", Attempt: 1, State: engine.State(engine.Running)})
		w.ask(t.Context())
		if len(told) > 0 {
			t.Errorf("%q is told of a pod that has only begun to wait", told)
		}
		for range 3 {
			<-time.After(pendingPatience)
			w.ask(t.Context())
		}
		want := []string{`step "load" is waiting: FailedMount: persistentvolumeclaim "raw" not found`}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("notices (-want +got):\n%s", diff)
		}
	})
}
