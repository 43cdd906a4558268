package kube

import (
	"context"
	"fmt"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// rehearse has the API server judge the run's pods without making them: the orchestrator's, and one for each of the
// steps' templates. It would accept the Job whatever its pods are like, and then never get one.
func (s Submission) rehearse(ctx context.Context, client kubernetes.Interface, job *batchv1.Job) error {
	if isFake(client) {
		return nil
	}
	orchestrator := &corev1.Pod{ObjectMeta: *job.Spec.Template.ObjectMeta.DeepCopy(), Spec: *job.Spec.Template.Spec.DeepCopy()}
	orchestrator.Name, orchestrator.Namespace = job.Name, job.Namespace
	counts := refused
	if s.Plan.Schedule != "" {
		// It is not made now, and then there may be room for it.
		counts = refusedForGood
	}
	if err := rehearsePod(ctx, client, orchestrator, counts); err != nil {
		return explain("checking the orchestrator's pod", s.Ref.Namespace, err)
	}
	pods := NewPods(s.Ref, s.Plan)
	for _, step := range s.onePerTemplate() {
		pod := pods.Of(step, 1, 0)
		// The owners do not exist yet.
		pod.OwnerReferences = nil
		if err := rehearsePod(ctx, client, pod, refusedForGood); err != nil {
			return explain(fmt.Sprintf("checking the pod of step %q", step), s.Ref.Namespace, err)
		}
	}
	return nil
}

// onePerTemplate returns the first step of each template, in the order of the graph.
func (s Submission) onePerTemplate() []string {
	var steps []string
	seen := map[int]bool{}
	for _, step := range s.Plan.Graph.Steps() {
		if template := s.Plan.Kubernetes.StepTemplates[step.Name]; !seen[template] {
			seen[template] = true
			steps = append(steps, step.Name)
		}
	}
	return steps
}

// rehearsePod returns the API server's answer where it counts, with the remedy.
func rehearsePod(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod, counts func(error) bool) error {
	err := persist(ctx, func(ctx context.Context) error {
		_, err := client.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	})
	switch {
	case err == nil || !counts(err):
		return nil
	case apierrors.IsForbidden(err) || apierrors.IsInvalid(err):
		return fmt.Errorf("the cluster refuses it: %w%s: %s", err, enforcedLevel(ctx, client, pod.Namespace, err.Error()), remedy(err))
	}
	return err
}

// refused tells a judgement of the pod from the reasons not to judge it: a caller who may create Jobs but no pods, a
// webhook that cannot be asked without consequences, and a name that is taken.
func refused(err error) bool {
	return !accessDenied(err) && !apierrors.IsAlreadyExists(err) && !strings.Contains(err.Error(), "does not support dry run")
}

// refusedForGood leaves out what passes: a step waits for its quota.
func refusedForGood(err error) bool { return refused(err) && !quotaExceeded(err) }

func quotaExceeded(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "exceeded quota")
}

func remedy(err error) string {
	switch text := err.Error(); {
	case strings.Contains(text, podSecurityWords):
		return "change the pod's settings, or use a namespace with a lower Pod Security level"
	case quotaExceeded(err):
		return "wait until other pods are gone, ask for less, or have the quota raised"
	case strings.Contains(text, "error looking up service account"):
		return "create the service account, or name another one"
	default:
		return "change the pod's settings"
	}
}
