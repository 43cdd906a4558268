package standin

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

func floorRef() kube.Ref { return kube.Ref{Namespace: "n", Run: "r", Pipeline: "p"} }

func floorPlan(s shape.Shape) *plan.Plan {
	p := &plan.Plan{Kubernetes: &plan.Kubernetes{Templates: make([]corev1.PodTemplateSpec, 1), StepTemplates: map[string]int{}}}
	for _, step := range s.Steps {
		p.Graph.Nodes = append(p.Graph.Nodes, graph.Node{Name: step.Name, Kind: graph.Step})
	}
	return p
}

// attempts is a cluster on which attempts end as soon as their pods are made, in the way that the shape says.
type attempts struct {
	*fake.Clientset
	steps map[string]shape.Step
	// failures are the pods that have failed, as a watch of these shows them.
	failures *watch.FakeWatcher
	// made are the attempts, in their order.
	made chan string
}

func newAttempts(t *testing.T, s shape.Shape) attempts {
	t.Helper()
	a := attempts{fake.NewClientset(), s.Named(), watch.NewFakeWithChanSize(10, false), make(chan string, 100)}
	a.PrependReactor("create", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
		go a.end(t, action.(clienttesting.CreateAction).GetObject().(*corev1.Pod))
		return false, nil, nil
	})
	a.PrependWatchReactor("pods", func(action clienttesting.Action) (bool, watch.Interface, error) {
		if got, want := action.(clienttesting.WatchAction).GetWatchRestrictions().Fields.String(), "status.phase=Failed"; got != want {
			t.Errorf("pods are watched with %q, want %q", got, want)
		}
		return true, a.failures, nil
	})
	return a
}

func (a attempts) end(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	step := pod.Labels[kube.LabelStep]
	number, err := strconv.Atoi(pod.Labels[kube.LabelAttempt])
	if err != nil {
		t.Error(err)
	}
	a.made <- step + " " + pod.Labels[kube.LabelAttempt]
	if number <= a.steps[step].Fails {
		a.failures.Add(pod)
		return
	}
	labels := map[string]string{kube.LabelRun: "r", kube.LabelRecord: kube.RecordResult, kube.LabelStep: step}
	record := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: step, Labels: labels}}
	if _, err := a.CoreV1().ConfigMaps("n").Create(t.Context(), record, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
}

// floorAttempts returns the attempts that the floor makes, in order.
func floorAttempts(t *testing.T, s shape.Shape) (made []string) {
	t.Helper()
	a := newAttempts(t, s)
	if err := Floor(t.Context(), Run{Client: a, Namespace: "n", Shape: s}, floorRef(), floorPlan(s)); err != nil {
		t.Fatal(err)
	}
	close(a.made)
	for attempt := range a.made {
		made = append(made, attempt)
	}
	return made
}

func TestFloorTriesAgain(t *testing.T) {
	t.Parallel()
	s := shape.Shape{Steps: []shape.Step{{Name: "a", Fails: 2}, {Name: "b", Needs: []int{0}}}}
	if diff := cmp.Diff([]string{"a 1", "a 2", "a 3", "b 1"}, floorAttempts(t, s)); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

func TestFloorKeepsTheOrder(t *testing.T) {
	t.Parallel()
	s := layered(t)
	var got []string
	for _, attempt := range floorAttempts(t, s) {
		step, _, _ := strings.Cut(attempt, " ")
		got = append(got, step)
	}
	wantOrder(t, s, got)
}
