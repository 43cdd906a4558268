package kube

import (
	"context"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Conformance(t, func(t *testing.T, steps map[string]enginetest.Behaviour) enginetest.Subject {
		p := testPlan()
		for step := range steps {
			p.Graph.Nodes = append(p.Graph.Nodes, graph.Node{Name: step, Kind: graph.Step})
			p.Kubernetes.StepTemplates[step] = 0
		}
		client := newFakeAPI(orchestratorJob())
		startStubNode(t, client, steps)
		return enginetest.Subject{Run: "train-7", Open: func() engine.Cluster {
			return NewCluster(client, testRef(), p, Options{})
		}}
	})
}

// stubNode stands in for a kubelet: it runs the steps of the pods in this process and says so in their status.
type stubNode struct {
	t      *testing.T
	client *fake.Clientset
	steps  map[string]enginetest.Behaviour
	tasks  sync.WaitGroup

	mu      sync.Mutex
	running map[types.UID]context.CancelCauseFunc
}

// startStubNode runs a node until the test ends.
func startStubNode(t *testing.T, client *fake.Clientset, steps map[string]enginetest.Behaviour) {
	t.Helper()
	n := &stubNode{t: t, client: client, steps: steps, running: map[types.UID]context.CancelCauseFunc{}}
	events, err := client.CoreV1().Pods("team").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	n.tasks.Go(func() { n.follow(ctx, events.ResultChan()) })
	t.Cleanup(func() {
		cancel()
		events.Stop()
		n.tasks.Wait()
	})
}

func (n *stubNode) follow(ctx context.Context, events <-chan apiwatch.Event) {
	for e := range events {
		pod, ok := e.Object.(*corev1.Pod)
		if !ok {
			continue
		}
		n.mu.Lock()
		stop := n.running[pod.UID]
		switch {
		case e.Type == apiwatch.Deleted && stop != nil:
			stop(attempt.ErrTerminated)
		case e.Type == apiwatch.Added && stop == nil:
			podCtx, stop := context.WithCancelCause(ctx)
			n.running[pod.UID] = stop
			n.tasks.Go(func() { n.run(podCtx, pod.DeepCopy()) })
		}
		n.mu.Unlock()
	}
}

func (n *stubNode) run(ctx context.Context, pod *corev1.Pod) {
	started := metav1.Now()
	n.update(pod, corev1.PodRunning, corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}})
	step := pod.Labels[LabelStep]
	role := reexec.Role{Kind: reexec.Step, Run: pod.Labels[LabelRun], Step: step, Attempt: 1, UID: string(pod.UID)}
	if pod.Labels[LabelAttempt] != "1" {
		role.Attempt = 2
	}
	exit := exitOf(n.t, n.steps[step], n.steps[step].Step(step)(ctx, role, NewCommitter(n.client, testRef(), testPlan())))
	exit.StartedAt, exit.FinishedAt = started, metav1.NewTime(time.Now())
	phase := corev1.PodSucceeded
	if exit.ExitCode != 0 {
		phase = corev1.PodFailed
	}
	n.update(pod, phase, corev1.ContainerState{Terminated: exit})
}

// exitOf is how a process with this report ends. Those that end without one cannot do so here.
func exitOf(t *testing.T, b enginetest.Behaviour, r record.Report) *corev1.ContainerStateTerminated {
	switch b {
	case enginetest.Exit0:
		return &corev1.ContainerStateTerminated{ExitCode: 0, Reason: "Completed"}
	case enginetest.Exit3:
		return &corev1.ContainerStateTerminated{ExitCode: 3, Reason: "Error"}
	case enginetest.Killed:
		return &corev1.ContainerStateTerminated{ExitCode: exitSIGKILL, Reason: "Error"}
	}
	message, err := r.Encode()
	if err != nil {
		t.Error(err)
	}
	return &corev1.ContainerStateTerminated{ExitCode: int32(attempt.ExitCode(r)), Message: string(message)}
}

// update writes the status, unless the pod is gone.
func (n *stubNode) update(pod *corev1.Pod, phase corev1.PodPhase, main corev1.ContainerState) {
	pod.Status.Phase = phase
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: MainContainer, State: main}}
	// The only error of the fake is that the pod is gone.
	_, _ = n.client.CoreV1().Pods("team").Update(context.Background(), pod, metav1.UpdateOptions{})
}
