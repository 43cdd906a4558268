package kube

import (
	"context"
	"errors"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
)

// ErrNoSchedule is returned for a schedule that does not exist.
var ErrNoSchedule = errors.New("there is no such schedule")

// ListSchedules returns the CronJobs of all schedules in the namespace, of whichever pipeline.
func ListSchedules(ctx context.Context, client kubernetes.Interface, namespace string) ([]batchv1.CronJob, error) {
	var list *batchv1.CronJobList
	err := persist(ctx, func(ctx context.Context) (err error) {
		list, err = client.BatchV1().CronJobs(namespace).List(ctx, metav1.ListOptions{LabelSelector: LabelManagedBy + "=" + ManagedBy + "," + LabelSchedule})
		return err
	})
	if err != nil {
		return nil, explain("listing the schedules", namespace, err)
	}
	return list.Items, nil
}

// FindSchedule returns the CronJob of a schedule.
func FindSchedule(ctx context.Context, client kubernetes.Interface, namespace, name string) (cron *batchv1.CronJob, err error) {
	doing := fmt.Sprintf("finding schedule %s in namespace %s", name, namespace)
	err = persist(ctx, func(ctx context.Context) error {
		cron, err = client.BatchV1().CronJobs(namespace).Get(ctx, name, metav1.GetOptions{})
		return err
	})
	switch {
	case err != nil:
		return nil, explain(doing, namespace, unlessScheduled(err))
	case cron.Labels[LabelManagedBy] != ManagedBy || cron.Labels[LabelSchedule] != name:
		return nil, fmt.Errorf("%s: the CronJob of this name is no schedule", doing)
	}
	return cron, nil
}

// unlessScheduled puts it into words that there is no CronJob of the schedule's name.
func unlessScheduled(err error) error {
	if apierrors.IsNotFound(err) && !about(err, "namespaces") {
		return ErrNoSchedule
	}
	return err
}

// errIncomplete is returned for a schedule without a plan, whose runs would wait for one for ever.
var errIncomplete = errors.New("it was not made to the end: make it again, or delete it")

// ChangeSchedule changes the timing of a schedule. Runs that have begun are not touched.
func ChangeSchedule(
	ctx context.Context, client kubernetes.Interface, cron *batchv1.CronJob, change func(*batchv1.CronJobSpec),
) (*batchv1.CronJob, error) {
	if isIncomplete(cron) {
		return nil, fmt.Errorf("changing schedule %s: %w", cron.Name, errIncomplete)
	}
	return changeCronJob(ctx, client, cron, func(c *batchv1.CronJob) { change(&c.Spec) })
}

// DeleteSchedule deletes a schedule and all that belongs to it, the runs that it has made included, whether they have ended or not.
// One that is gone already is no error.
func DeleteSchedule(ctx context.Context, client kubernetes.Interface, cron *batchv1.CronJob) error {
	options := metav1.DeleteOptions{PropagationPolicy: new(metav1.DeletePropagationBackground)}
	if cron.UID != "" {
		options.Preconditions = metav1.NewUIDPreconditions(string(cron.UID))
	}
	err := persist(ctx, func(ctx context.Context) error {
		return client.BatchV1().CronJobs(cron.Namespace).Delete(ctx, cron.Name, options)
	})
	if gone(err) {
		return nil
	}
	return explain("deleting schedule "+cron.Name, cron.Namespace, err)
}

// ListScheduledJobs returns the Jobs of the schedule's runs.
func ListScheduledJobs(ctx context.Context, client kubernetes.Interface, cron *batchv1.CronJob) ([]batchv1.Job, error) {
	return selectJobs(ctx, client, cron.Namespace, "listing the runs of schedule "+cron.Name,
		labels.Set{LabelManagedBy: ManagedBy, LabelSchedule: cron.Name})
}

// ScheduledImage returns the image of the orchestrators of the schedule's next runs; empty where the CronJob has none.
func ScheduledImage(cron *batchv1.CronJob) string {
	for _, c := range cron.Spec.JobTemplate.Spec.Template.Spec.Containers {
		if c.Name == MainContainer {
			return c.Image
		}
	}
	return ""
}
