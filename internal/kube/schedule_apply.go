package kube

import (
	"context"
	"errors"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// Apply makes the schedule, or makes the one of its name into this one. Pods that the cluster would refuse are an error before
// anything is made. A new CronJob comes first, suspended, then what it owns, so that nothing is there that nobody owns and nothing
// fires that is not complete. If that fails half-way, a CronJob that was made is deleted again; one that was there stays as it was.
func (s Schedule) Apply(ctx context.Context, client kubernetes.Interface) (*batchv1.CronJob, error) {
	want, config, err := s.Objects()
	if err != nil {
		return nil, err
	}
	rehearsal := &batchv1.Job{ObjectMeta: s.meta(s.name()), Spec: want.Spec.JobTemplate.Spec}
	if err := s.Submission.rehearse(ctx, client, rehearsal); err != nil {
		return nil, err
	}
	there, made, err := s.ensureCronJob(ctx, client, want)
	if err != nil {
		return nil, err
	}
	if want.Spec.Suspend == nil {
		want.Spec.Suspend = new(!isIncomplete(there) && there.Spec.Suspend != nil && *there.Spec.Suspend)
	}
	now, err := s.furnish(ctx, client, there, want, config)
	if err != nil {
		if made {
			err = withdrawSchedule(ctx, client, there, err)
		}
		return nil, err
	}
	s.prunePlans(ctx, client, there, now)
	return now, nil
}

// annotationIncomplete is on a CronJob whose schedule is being made: that it is suspended is nobody's wish.
const annotationIncomplete = "k8sorch.io/incomplete"

func isIncomplete(cron *batchv1.CronJob) bool { return cron.Annotations[annotationIncomplete] != "" }

// ensureCronJob returns the CronJob of the schedule's name, and whether it was made, suspended.
func (s Schedule) ensureCronJob(ctx context.Context, client kubernetes.Interface, want *batchv1.CronJob) (there *batchv1.CronJob, made bool, err error) {
	held := want.DeepCopy()
	held.Spec.Suspend = new(true)
	held.Annotations = overlaid(held.Annotations, map[string]string{annotationIncomplete: "true"})
	api, doing := client.BatchV1().CronJobs(want.Namespace), "creating schedule "+want.Name
	err = persist(ctx, func(ctx context.Context) error {
		there, err = api.Get(ctx, want.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			there, err = api.Create(ctx, held, metav1.CreateOptions{})
			made = err == nil
		}
		return err
	}, apierrors.IsAlreadyExists)
	if err != nil {
		return nil, false, explain(doing, want.Namespace, err)
	}
	if err := s.checkMine(there); err != nil {
		return nil, false, fmt.Errorf("%s: %w", doing, err)
	}
	return there, made, nil
}

// checkMine refuses to change what is no schedule, or one of another pipeline.
func (s Schedule) checkMine(there *batchv1.CronJob) error {
	const remedy = "give the schedule another Suffix"
	switch pipeline := there.Labels[LabelPipeline]; {
	case there.Labels[LabelManagedBy] != ManagedBy:
		return fmt.Errorf("the CronJob of this name is no schedule: %s, or delete it", remedy)
	case pipeline != s.Submission.Ref.Pipeline:
		return fmt.Errorf("the schedule of this name is one of pipeline %q: %s", pipeline, remedy)
	case there.DeletionTimestamp != nil:
		return errors.New("the schedule of this name is just being deleted: wait a little")
	}
	return nil
}

// furnish makes what the CronJob owns, and the CronJob into what it is to be: one write, with which image and plan change together.
func (s Schedule) furnish(
	ctx context.Context, client kubernetes.Interface, there, want *batchv1.CronJob, config *corev1.ConfigMap,
) (*batchv1.CronJob, error) {
	if err := s.furnishToken(ctx, client, there); err != nil {
		return nil, err
	}
	config.OwnerReferences = []metav1.OwnerReference{cronJobOwner(there)}
	if _, err := createPlan(ctx, client, config, Ref{Namespace: config.Namespace, JobUID: there.UID}); err != nil {
		return nil, explain("creating ConfigMap "+config.Name, config.Namespace, err)
	}
	return changeCronJob(ctx, client, there, func(cron *batchv1.CronJob) {
		cron.Labels, cron.Annotations = overlaid(cron.Labels, want.Labels), overlaid(cron.Annotations, want.Annotations)
		delete(cron.Annotations, annotationIncomplete)
		cron.Spec = *want.Spec.DeepCopy()
	})
}

// cronJobOwner makes the CronJob an owner, with which the object goes.
func cronJobOwner(cron *batchv1.CronJob) metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: "batch/v1", Kind: "CronJob", Name: cron.Name, UID: cron.UID, Controller: new(false), BlockOwnerDeletion: new(false),
	}
}

// changeCronJob changes this very CronJob, however often somebody else does at the same time.
func changeCronJob(
	ctx context.Context, client kubernetes.Interface, there *batchv1.CronJob, change func(*batchv1.CronJob),
) (changed *batchv1.CronJob, err error) {
	api := client.BatchV1().CronJobs(there.Namespace)
	err = persist(ctx, func(ctx context.Context) error {
		current, err := api.Get(ctx, there.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if current.UID != there.UID {
			return ErrNoSchedule
		}
		current = current.DeepCopy()
		change(current)
		changed, err = api.Update(ctx, current, metav1.UpdateOptions{})
		return err
	}, apierrors.IsConflict)
	if err != nil {
		return nil, explain("changing schedule "+there.Name, there.Namespace, unlessScheduled(err))
	}
	return changed, nil
}

// withdrawSchedule deletes a CronJob that could not be made whole.
func withdrawSchedule(ctx context.Context, client kubernetes.Interface, made *batchv1.CronJob, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), withdrawTimeout)
	defer cancel()
	if err := DeleteSchedule(ctx, client, made); err != nil {
		return fmt.Errorf("%w; what was made of the schedule is still there, suspended (%w): delete it with `kubectl delete cronjob -n %s %s`",
			cause, err, made.Namespace, made.Name)
	}
	return fmt.Errorf("%w; what was made of the schedule has been deleted again", cause)
}
