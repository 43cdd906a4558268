package kube

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/reexec"
)

// stopRequested is the reason of a stop for which none was given.
const stopRequested = "stop requested"

// StopRun asks the run to stop, and says whether an orchestrator is there to do it in good order. Where none runs, be it
// over, suspended or waiting for a node, StopRun deletes the pods of the steps itself; an orchestrator that comes later
// finds the request.
func StopRun(ctx context.Context, client kubernetes.Interface, ref Ref, reason string) (orderly bool, err error) {
	if err := RequestStop(ctx, client, ref, reason); err != nil {
		return false, err
	}
	orchestrators, err := listPods(ctx, client, ref, reexec.Orchestrator)
	if err != nil {
		return false, err
	}
	for _, pod := range orchestrators {
		if pod.Status.Phase == corev1.PodRunning && pod.DeletionTimestamp == nil {
			return true, nil
		}
	}
	return false, DeleteStepPods(ctx, client, ref)
}

// RequestStop asks the run's orchestrator, this one or the next, to stop the run.
func RequestStop(ctx context.Context, client kubernetes.Interface, ref Ref, reason string) error {
	return request(ctx, client, ref, AnnotationStop, "stopping run "+ref.Run, reason)
}

// RequestDrain asks the run's orchestrator, this one or the next, to drain the run. Where none runs, nothing begins that
// would have to be kept from it, and what runs goes on to its end.
func RequestDrain(ctx context.Context, client kubernetes.Interface, ref Ref, reason string) error {
	return request(ctx, client, ref, AnnotationDrain, "draining run "+ref.Run, reason)
}

// request makes a request of the run's orchestrator, as an annotation of its Job.
func request(ctx context.Context, client kubernetes.Interface, ref Ref, annotation, doing, reason string) error {
	reason = cmp.Or(plain(reason, maxWaitingMessage), stopRequested)
	err := patchJob(ctx, client, ref, map[string]any{
		"metadata": map[string]any{"annotations": map[string]any{annotation: reason}},
	})
	if gone(err) {
		return fmt.Errorf("%s: %w", doing, ErrNoRun)
	}
	return explain(doing, ref.Namespace, err)
}

// DeleteStepPods deletes the pods of the run's steps that have not ended. Those that have are kept for their logs, and
// those that are gone already are no error.
func DeleteStepPods(ctx context.Context, client kubernetes.Interface, ref Ref) error {
	pods, err := listPods(ctx, client, ref, reexec.Step)
	if err != nil {
		return err
	}
	var failed []error
	for _, pod := range pods {
		if isTerminal(&pod) {
			continue
		}
		if err := deletePod(ctx, client, pod); err != nil {
			failed = append(failed, explain("deleting pod "+pod.Name, ref.Namespace, err))
		}
	}
	return errors.Join(failed...)
}

func deletePod(ctx context.Context, client kubernetes.Interface, pod corev1.Pod) error {
	var options metav1.DeleteOptions
	if pod.UID != "" {
		options.Preconditions = metav1.NewUIDPreconditions(string(pod.UID))
	}
	err := persist(ctx, func(ctx context.Context) error {
		return client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, options)
	})
	if gone(err) {
		return nil
	}
	return err
}

// listPods returns the run's pods in a role, as they are now.
func listPods(ctx context.Context, client kubernetes.Interface, ref Ref, role reexec.Kind) ([]corev1.Pod, error) {
	var list *corev1.PodList
	err := persist(ctx, func(ctx context.Context) (err error) {
		list, err = client.CoreV1().Pods(ref.Namespace).List(ctx, metav1.ListOptions{LabelSelector: selectPods(ref, role)})
		return err
	})
	if err != nil {
		return nil, explain("listing the pods of run "+ref.Run, ref.Namespace, err)
	}
	return list.Items, nil
}

// selectPods selects the run's pods in a role. Those of the orchestrator are the Job's own, and known by its name: a schedule's
// template gives the same labels to the pods of all its runs.
func selectPods(ref Ref, role reexec.Kind) string {
	of := labels.Set{LabelManagedBy: ManagedBy, LabelRole: string(role)}
	if role == reexec.Orchestrator {
		of[labelJobName] = ref.JobName()
	} else {
		of[LabelRun] = ref.Run
	}
	return labels.SelectorFromSet(of).String()
}

// patchJob changes fields of the run's Job. A Job of the same name that is another run's is left alone.
func patchJob(ctx context.Context, client kubernetes.Interface, ref Ref, fields map[string]any) error {
	if ref.JobUID != "" {
		meta, _ := fields["metadata"].(map[string]any)
		if meta == nil {
			meta = map[string]any{}
			fields["metadata"] = meta
		}
		meta["uid"] = ref.JobUID
	}
	patch, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	return persist(ctx, func(ctx context.Context) error {
		_, err := client.BatchV1().Jobs(ref.Namespace).Patch(ctx, ref.JobName(), types.MergePatchType, patch, metav1.PatchOptions{})
		return err
	})
}

// DeleteRun deletes the run's Job, and with it everything of the run: at once with background propagation, with
// foreground propagation when the orchestrator's pods are gone. A run that is gone already is no error.
func DeleteRun(ctx context.Context, client kubernetes.Interface, ref Ref, how metav1.DeletionPropagation) error {
	options := metav1.DeleteOptions{PropagationPolicy: &how}
	if ref.JobUID != "" {
		options.Preconditions = metav1.NewUIDPreconditions(string(ref.JobUID))
	}
	err := persist(ctx, func(ctx context.Context) error {
		return client.BatchV1().Jobs(ref.Namespace).Delete(ctx, ref.JobName(), options)
	})
	if gone(err) {
		return nil
	}
	return explain("deleting run "+ref.Run, ref.Namespace, err)
}

// gone tells that an object was deleted: its name is free, or another object has it.
func gone(err error) bool { return apierrors.IsNotFound(err) || apierrors.IsConflict(err) }
