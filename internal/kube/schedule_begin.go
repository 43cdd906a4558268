package kube

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/plan"
)

// SchedulePlan returns the plan with which a run of a schedule begins, from the Job of the run.
func SchedulePlan(ctx context.Context, client kubernetes.Interface, job *batchv1.Job) (*plan.Plan, error) {
	name := planNameOf(job.Labels[LabelSchedule], job.Annotations[annotationPlan])
	var config *corev1.ConfigMap
	err := persist(ctx, func(ctx context.Context) (err error) {
		config, err = client.CoreV1().ConfigMaps(job.Namespace).Get(ctx, name, metav1.GetOptions{})
		return err
	})
	if err != nil {
		return nil, explain("reading the plan of schedule "+job.Labels[LabelSchedule], job.Namespace, err)
	}
	return planOf(config)
}

// BeginScheduled makes the plan of a run that a schedule has made the Job of, and returns it: the schedule's plan with what is the
// run's own. How often that is done makes no difference: the first one stands, so that the orchestrators that follow, and
// whoever has made the Job, go on with the same. StartTrace is called where the Job says nothing of the run's trace.
func BeginScheduled(
	ctx context.Context, client kubernetes.Interface, ref Ref, p *plan.Plan, startTrace func() map[string]string,
) (*plan.Plan, error) {
	doing := "beginning scheduled run " + ref.Run
	job, err := findJob(ctx, client, ref)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	if ref.JobUID != "" && job.UID != ref.JobUID {
		return nil, fmt.Errorf("%s: %w", doing, ErrNoRun)
	}
	ref.JobUID = job.UID
	own := *p
	own.Run, own.Scheduled, own.Submitted = ref.Run, firingTime(job), job.CreationTimestamp.Time
	if own.Trace = traceOf(job); own.Trace == nil {
		own.Trace = startTrace()
	}
	config, _, err := Submission{Ref: ref, Plan: &own}.planConfigMap()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	config.OwnerReferences = []metav1.OwnerReference{ref.jobOwner()}
	standing, err := createPlan(ctx, client, config, ref)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, explain("creating ConfigMap "+config.Name, ref.Namespace, err))
	}
	return planOf(standing)
}
