package kube

import (
	"context"
	"strconv"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/enginetest"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// kubelet runs the pods of an [apiServer], and is never cut off from it; their processes may be.
type kubelet struct {
	t      *testing.T
	faults *faults
	plan   *plan.Plan
	steps  map[string]enginetest.Step
	tasks  sync.WaitGroup

	mu      sync.Mutex
	running map[types.UID]context.CancelCauseFunc
}

func startKubelet(t *testing.T, f *faults, p *plan.Plan, steps map[string]enginetest.Step) *kubelet {
	t.Helper()
	k := &kubelet{t: t, faults: f, plan: p, steps: steps, running: map[types.UID]context.CancelCauseFunc{}}
	f.server.made, f.server.left = k.begin, k.end
	return k
}

func (k *kubelet) begin(pod *corev1.Pod) {
	ctx, stop := context.WithCancelCause(context.WithoutCancel(k.t.Context()))
	k.mu.Lock()
	defer k.mu.Unlock()
	k.running[pod.UID] = stop
	pod = pod.DeepCopy()
	k.tasks.Go(func() {
		defer stop(nil)
		k.run(ctx, pod)
	})
}

func (k *kubelet) end(pod *corev1.Pod) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.running[pod.UID](attempt.ErrTerminated)
}

func (k *kubelet) run(ctx context.Context, pod *corev1.Pod) {
	sleep(ctx, nil, k.faults.between(100*time.Millisecond, 3*time.Second))
	started := metav1.Now()
	k.show(pod, corev1.PodRunning, corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}})
	number, err := strconv.Atoi(pod.Labels[LabelAttempt])
	if err != nil {
		k.t.Error(err)
	}
	step := pod.Labels[LabelStep]
	role := reexec.Role{Kind: reexec.Step, Run: pod.Labels[LabelRun], Step: step, Attempt: number, UID: string(pod.UID)}
	client := clientBy(k.t, k.faults.line(), nil)
	exit := exitOf(k.t, "", k.steps[step](ctx, role, NewCommitter(client, testRef(), k.plan)))
	exit.StartedAt, exit.FinishedAt = started, metav1.Now()
	// It looks about once a second (k8s.io/kubernetes/pkg/kubelet, genericPlegRelistPeriod).
	time.Sleep(k.faults.between(10*time.Millisecond, time.Second))
	phase := corev1.PodSucceeded
	if exit.ExitCode != 0 {
		phase = corev1.PodFailed
	}
	k.show(pod, phase, corev1.ContainerState{Terminated: exit})
}

func (k *kubelet) show(pod *corev1.Pod, phase corev1.PodPhase, main corev1.ContainerState) {
	k.faults.server.edit(pod, func(pod *corev1.Pod) {
		pod.Status.Phase = phase
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: MainContainer, State: main}}
	})
}
