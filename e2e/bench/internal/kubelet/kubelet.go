// Package kubelet plays the node: it says of the pods of a namespace that they run, and once their time is over that they have
// ended. What a step does in its process it does with the code that does it there, so that the API server is asked
// for the same record in the same way.
package kubelet

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/org/k8sorch/e2e/bench/shape"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// Kubelet is what runs the pods of one namespace.
type Kubelet struct {
	// Client should not be throttled.
	Client    kubernetes.Interface
	Namespace string
	// Scheduled tells that there is a scheduler: pods are not run before it has bound them to a node.
	Scheduled bool
	// Steps are what steps do, by name.
	Steps map[string]shape.Step
	// Orchestrator is told of each orchestrator, whose process is somebody else's to start.
	Orchestrator func(*corev1.Pod)
	// Plan is the plan of one of the runs, which have the same, to be set before the first step has a pod.
	Plan *plan.Plan
	// Ended is told, after each step that has succeeded, how many have.
	Ended func(steps int)
	// Failed is told of what the API server refuses.
	Failed func(error)

	ended atomic.Int64
}

// Run runs the pods until ctx ends.
func (k *Kubelet) Run(ctx context.Context) error {
	factory := informers.NewSharedInformerFactoryWithOptions(k.Client, 0, informers.WithNamespace(k.Namespace))
	informer := factory.Core().V1().Pods().Informer()
	handler, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) {
			if pod := object.(*corev1.Pod); k.isOurs(pod) {
				go k.run(ctx, pod)
			}
		},
		UpdateFunc: func(before, now any) {
			if pod := now.(*corev1.Pod); k.isOurs(pod) && !k.isOurs(before.(*corev1.Pod)) {
				go k.run(ctx, pod)
			}
		},
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), handler.HasSynced) {
		return context.Cause(ctx)
	}
	return nil
}

// isOurs tells whether the pod is on the node already.
func (k *Kubelet) isOurs(pod *corev1.Pod) bool { return !k.Scheduled || pod.Spec.NodeName != "" }

func (k *Kubelet) run(ctx context.Context, pod *corev1.Pod) {
	if pod.Labels[kube.LabelRole] == string(reexec.Orchestrator) {
		k.Orchestrator(pod)
		return
	}
	if err := k.live(ctx, pod); err != nil && ctx.Err() == nil {
		k.Failed(fmt.Errorf("running pod %s: %w", pod.Name, err))
	}
}

// live lives the life of a pod.
func (k *Kubelet) live(ctx context.Context, pod *corev1.Pod) error {
	if err := k.report(ctx, pod, running()); err != nil {
		return err
	}
	if d := k.Steps[stepOf(pod)].Takes; d > 0 {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(d):
		}
	}
	message, code := "", 0
	if pod.Labels[kube.LabelRole] == string(reexec.Step) {
		var err error
		if message, code, err = k.work(ctx, pod); err != nil {
			return err
		}
	}
	if err := k.report(ctx, pod, ended(message, code)); err != nil {
		return err
	}
	if code == 0 {
		k.Ended(int(k.ended.Add(1)))
	}
	return nil
}

// stepOf returns the step of a pod. Those of Jobs are named for them.
func stepOf(pod *corev1.Pod) string {
	if step := pod.Labels[kube.LabelStep]; step != "" {
		return step
	}
	return strings.TrimSuffix(pod.GenerateName, "-")
}

func running() corev1.PodStatus {
	now := metav1.Now()
	return corev1.PodStatus{
		Phase: corev1.PodRunning, StartTime: &now,
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: now}},
		ContainerStatuses: []corev1.ContainerStatus{{
			Name: kube.MainContainer, Ready: true, Started: new(true),
			State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}},
		}},
	}
}

func ended(message string, code int) corev1.PodStatus {
	now := metav1.Now()
	phase, why, reason := corev1.PodSucceeded, "PodCompleted", "Completed"
	if code != 0 {
		phase, why, reason = corev1.PodFailed, "PodFailed", "Error"
	}
	return corev1.PodStatus{
		Phase:      phase,
		Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, LastTransitionTime: now, Reason: why}},
		ContainerStatuses: []corev1.ContainerStatus{{
			Name: kube.MainContainer, Started: new(false),
			State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
				Reason: reason, ExitCode: int32(code), StartedAt: now, FinishedAt: now, Message: message,
			}},
		}},
	}
}

func (k *Kubelet) report(ctx context.Context, pod *corev1.Pod, status corev1.PodStatus) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pod.UID}, "status": status})
	if err != nil {
		return err
	}
	_, err = k.Client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}
