package standin

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
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

// wantOrder fails the test unless each step was begun once, and after those that it needs.
func (b *begun) wantOrder(t *testing.T, s shape.Shape) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.steps) != len(s.Steps) {
		t.Fatalf("begun were %q, want each of %d steps once", b.steps, len(s.Steps))
	}
	for _, step := range s.Steps {
		for _, before := range step.Needs {
			if slices.Index(b.steps, step.Name) < slices.Index(b.steps, s.Steps[before].Name) {
				t.Errorf("%s needs %s, and they were begun in the order %q", step.Name, s.Steps[before].Name, b.steps)
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

func TestFloorKeepsTheOrder(t *testing.T) {
	t.Parallel()
	s := layered(t)
	ref := kube.Ref{Namespace: "n", Run: "r", Pipeline: "p"}
	client, b := fake.NewClientset(), &begun{times: map[string]time.Time{}}
	client.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		step := action.(clienttesting.CreateAction).GetObject().(*corev1.Pod).Labels[kube.LabelStep]
		b.note(step)
		go func() {
			labels := map[string]string{kube.LabelRun: "r", kube.LabelRecord: kube.RecordResult, kube.LabelStep: step}
			record := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: step, Labels: labels}}
			if _, err := client.CoreV1().ConfigMaps("n").Create(t.Context(), record, metav1.CreateOptions{}); err != nil {
				t.Error(err)
			}
		}()
		return false, nil, nil
	})
	p := &plan.Plan{Kubernetes: &plan.Kubernetes{Templates: make([]corev1.PodTemplateSpec, 1), StepTemplates: map[string]int{}}}
	for _, step := range s.Steps {
		p.Graph.Nodes = append(p.Graph.Nodes, graph.Node{Name: step.Name, Kind: graph.Step})
	}
	if err := Floor(t.Context(), Run{Client: client, Namespace: "n", Shape: s}, ref, p); err != nil {
		t.Fatal(err)
	}
	b.wantOrder(t, s)
}
