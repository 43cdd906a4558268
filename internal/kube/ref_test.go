package kube

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// known is what a run takes for its own.
type known struct {
	Load, Train engine.Observation
	Stop        string
}

// knownTo returns what a new view of the run takes for its own.
func knownTo(t *testing.T, client *fake.Clientset, ref Ref, p *plan.Plan) (k known) {
	t.Helper()
	stops := make(chan string, 10)
	c := NewCluster(client, ref, p, Options{Stopped: func(message string) { stops <- message }})
	if err := c.Watch(t.Context(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	if len(stops) > 0 {
		k.Stop = <-stops
	}
	k.Load, k.Train = c.View("load"), c.View("train")
	return k
}

// fill makes a pod and one of each record of a run.
func fill(t *testing.T, client *fake.Clientset, p *plan.Plan) {
	t.Helper()
	c := NewCluster(client, testRef(), p, Options{})
	if err := c.Start(t.Context(), "load", 1); err != nil {
		t.Fatal(err)
	}
	if _, err := NewCommitter(client, testRef(), p).Commit(t.Context(), resultOf("load", []byte("42")), []byte("42")); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context(), closingOf("train", 1)); err != nil {
		t.Fatal(err)
	}
	if err := DecideStop(t.Context(), client, testRef(), p, "enough", zap.NewNop()); err != nil {
		t.Fatal(err)
	}
}

func TestObjectsAreKnownWithAndWithoutOwners(t *testing.T) {
	t.Parallel()
	for name, ownerless := range map[string]bool{"with owners": false, "without owners": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := testPlan()
			p.Kubernetes.SkipOwners = ownerless
			client := newFakeAPI()
			fill(t, client, p)
			checkOwners(t, client, ownerless)
			result := resultOf("load", []byte("42"))
			want := known{
				Load: engine.Observation{
					Result: &result, Sightings: []engine.Sighting{{Attempt: 1, UID: "uid-1001", Phase: engine.Waiting, Reason: "Pending"}},
				},
				Train: engine.Observation{Closed: []record.Attempt{closingOf("train", 1)}},
				Stop:  "enough",
			}
			if diff := cmp.Diff(want, knownTo(t, client, testRef(), p)); diff != "" {
				t.Errorf("known to the run (-want +got):\n%s", diff)
			}
			later := testRef()
			later.JobUID, later.PlanUID = "later-job", "later-plan"
			if diff := cmp.Diff(known{}, knownTo(t, client, later, p)); diff != "" {
				t.Errorf("known to a later run of the same name (-want +got):\n%s", diff)
			}
		})
	}
}

// checkOwners looks at all pods and records.
func checkOwners(t *testing.T, client *fake.Clientset, ownerless bool) {
	t.Helper()
	pods, err := client.CoreV1().Pods("team").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	records, err := client.CoreV1().ConfigMaps("team").List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var objects []metav1.ObjectMeta
	for _, pod := range pods.Items {
		objects = append(objects, pod.ObjectMeta)
	}
	for _, cm := range records.Items {
		objects = append(objects, cm.ObjectMeta)
	}
	if len(objects) != 4 {
		t.Errorf("there are %d objects, want a pod and three records", len(objects))
	}
	for _, object := range objects {
		if none := len(object.OwnerReferences) == 0; none != ownerless {
			t.Errorf("the owners of %s are %v", object.Name, object.OwnerReferences)
		}
	}
}
