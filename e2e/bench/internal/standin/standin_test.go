package standin

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/e2e/bench/shape"
)

// begun notes which steps were begun, in their order, and when.
type begun struct {
	mu    sync.Mutex
	steps []string
	times map[string]time.Time
}

func (b *begun) note(step string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.steps, b.times[step] = append(b.steps, step), time.Now()
}

func (b *begun) wantOrder(t *testing.T, s shape.Shape) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	wantOrder(t, s, b.steps)
}

// wantOrder fails the test unless each step was begun once, and after those that it needs.
func wantOrder(t *testing.T, s shape.Shape, begun []string) {
	t.Helper()
	if len(begun) != len(s.Steps) {
		t.Fatalf("begun were %q, want each of %d steps once", begun, len(s.Steps))
	}
	for _, step := range s.Steps {
		for _, before := range step.Needs {
			if slices.Index(begun, step.Name) < slices.Index(begun, s.Steps[before].Name) {
				t.Errorf("%s needs %s, and they were begun in the order %q", step.Name, s.Steps[before].Name, begun)
			}
		}
	}
}

func layered(t *testing.T) shape.Shape {
	t.Helper()
	s, err := shape.Parse("layers:3x2")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// completing returns a client of a cluster on which Jobs are complete as soon as they are made.
func completing() (*fake.Clientset, *begun) {
	client, b := fake.NewClientset(), &begun{times: map[string]time.Time{}}
	client.PrependReactor("create", "jobs", func(action clienttesting.Action) (bool, runtime.Object, error) {
		job := action.(clienttesting.CreateAction).GetObject().(*batchv1.Job)
		job.Status.Conditions = []batchv1.JobCondition{{Type: batchv1.JobComplete, Status: corev1.ConditionTrue}}
		b.note(job.Name)
		return false, nil, nil
	})
	return client, b
}

func TestJobCompleteKeepsTheOrder(t *testing.T) {
	t.Parallel()
	client, b := completing()
	if err := JobComplete(t.Context(), Run{Client: client, Namespace: "n", Shape: layered(t)}); err != nil {
		t.Fatal(err)
	}
	b.wantOrder(t, layered(t))
}

func TestPollLoopKeepsTheOrderAndItsTimings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		client, b := completing()
		start := time.Now()
		if err := PollLoop(t.Context(), Run{Client: client, Namespace: "n", Shape: layered(t)}); err != nil {
			t.Fatal(err)
		}
		b.wantOrder(t, layered(t))
		// The end of a step is seen in the next pass, and the next step begun in the turn of the main loop that follows: at the time
		// of a pass, or one turn later.
		needed, begun := b.times["step-2"].Sub(start), b.times["step-4"].Sub(start)
		if late := begun % monitorPass; late != 0 && late != mainLoop {
			t.Errorf("a step was begun %s after a pass", late)
		}
		if passes := begun/monitorPass - needed/monitorPass; passes != 1 {
			t.Errorf("a step was begun %d passes after the one that it needs", passes)
		}
	})
}
