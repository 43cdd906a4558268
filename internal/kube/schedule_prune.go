package kube

import (
	"context"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
)

// prunePlans deletes the plans of the schedule that no run needs any more: neither one that goes on, nor the next ones, nor one that
// the CronJob controller, which may be a moment behind, is just making of the template before. What cannot be deleted is told.
func (s Schedule) prunePlans(ctx context.Context, client kubernetes.Interface, before, now *batchv1.CronJob) {
	if before.Spec.JobTemplate.Annotations[annotationPlan] == now.Spec.JobTemplate.Annotations[annotationPlan] {
		return
	}
	if err := prunePlans(ctx, client, before, now); err != nil {
		s.Submission.tell(fmt.Sprintf("plans of earlier versions of schedule %s are kept until it is deleted: %v", now.Name, err))
	}
}

func prunePlans(ctx context.Context, client kubernetes.Interface, before, now *batchv1.CronJob) error {
	jobs, err := ListScheduledJobs(ctx, client, now)
	if err != nil {
		return err
	}
	needed := map[string]bool{}
	for _, template := range []metav1.ObjectMeta{before.Spec.JobTemplate.ObjectMeta, now.Spec.JobTemplate.ObjectMeta} {
		needed[planNameOf(now.Name, template.Annotations[annotationPlan])] = true
	}
	for _, job := range jobs {
		if ended(&job) == "" {
			needed[planNameOf(now.Name, job.Annotations[annotationPlan])] = true
		}
	}
	return deletePlans(ctx, client, now, needed)
}

func deletePlans(ctx context.Context, client kubernetes.Interface, cron *batchv1.CronJob, but map[string]bool) error {
	api := client.CoreV1().ConfigMaps(cron.Namespace)
	plans := labels.Set{LabelManagedBy: ManagedBy, LabelSchedule: cron.Name, LabelRecord: RecordPlan}.String()
	list, err := api.List(ctx, metav1.ListOptions{LabelSelector: plans})
	if err != nil {
		return err
	}
	for _, config := range list.Items {
		if but[config.Name] || !ownedBy(&config, cron.UID) {
			continue
		}
		if err := api.Delete(ctx, config.Name, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(config.UID))}); err != nil && !gone(err) {
			return err
		}
	}
	return nil
}
