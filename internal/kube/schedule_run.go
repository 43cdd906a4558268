package kube

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/record"
)

// annotationInstantiate is what `kubectl create job --from=cronjob/…` marks its Job with.
const annotationInstantiate = "cronjob.kubernetes.io/instantiate"

// FiringName is the name of the run, and of its Job, of a schedule's firing: the CronJob controller gives it the same
// (getJobName in k8s.io/kubernetes/pkg/controller/cronjob). There can be one of it only.
func FiringName(schedule string, at time.Time) string {
	return schedule + "-" + strconv.FormatInt(at.Unix()/60, 10)
}

// firingTime returns the time that a Job's run is for: what the CronJob controller has noted, since Kubernetes 1.28, or else what
// the Job's name says. It is zero for a Job that somebody has made by hand.
func firingTime(job *batchv1.Job) time.Time {
	if _, byHand := job.Annotations[annotationInstantiate]; byHand {
		return time.Time{}
	}
	if at, err := time.Parse(time.RFC3339, job.Annotations[batchv1.CronJobScheduledTimestampAnnotation]); err == nil {
		return at
	}
	minutes, ok := strings.CutPrefix(job.Name, job.Labels[LabelSchedule]+"-")
	n, err := strconv.ParseInt(minutes, 10, 32)
	if at := time.Unix(n*60, 0).UTC(); ok && err == nil && FiringName(job.Labels[LabelSchedule], at) == job.Name {
		return at
	}
	return time.Time{}
}

// Fire makes the run of a firing, as the CronJob controller would have, unless it is there. The CronJob controller does not count
// it among those that its history limits hold for: a firing that is made up for has to stay, or it would be made up for again.
func Fire(ctx context.Context, client kubernetes.Interface, cron *batchv1.CronJob, at time.Time) (job *batchv1.Job, made bool, err error) {
	name := FiringName(cron.Name, at)
	if job, err = retriedFiring(ctx, client, cron.Namespace, name); job != nil || err != nil {
		return job, false, err
	}
	want := jobOfSchedule(cron, name)
	want.Annotations[batchv1.CronJobScheduledTimestampAnnotation] = at.Format(time.RFC3339)
	want.OwnerReferences = []metav1.OwnerReference{cronJobOwner(cron)}
	return createScheduled(ctx, client, cron, want)
}

// retriedFiring returns the Job that a retry has put in the place of a firing's own; nil where there is none. A retry that was
// only begun leaves the firing's own Job where it is.
func retriedFiring(ctx context.Context, client kubernetes.Interface, namespace, run string) (*batchv1.Job, error) {
	jobs, err := labelledJobs(ctx, client, Ref{Namespace: namespace, Run: run})
	if err != nil {
		return nil, err
	}
	latest := latestGeneration(run, jobs)
	if latest < 0 {
		return nil, nil
	}
	err = persist(ctx, func(ctx context.Context) error {
		_, err := client.BatchV1().Jobs(namespace).Get(ctx, run, metav1.GetOptions{})
		return err
	})
	if apierrors.IsNotFound(err) {
		return &jobs[latest], nil
	}
	return nil, explain("finding run "+run, namespace, err)
}

// annotationTrace on a Job that was made by hand is the trace that the run is to be in, in JSON.
const annotationTrace = "k8sorch.io/trace"

// traceOf returns the trace that whoever has made the Job of a run wants the run to be in; nil where there is none.
func traceOf(job *batchv1.Job) (trace map[string]string) {
	// What somebody else has written there is no trace.
	_ = json.Unmarshal([]byte(job.Annotations[annotationTrace]), &trace)
	return trace
}

// TriggeredName returns another name for a run of the schedule that is for no time.
func TriggeredName(schedule string) string {
	return schedule + "-now-" + strings.ToLower(rand.Text()[:6]) // letters, where a firing has digits
}

// Trigger makes a run of the schedule that is for no time, as `kubectl create job --from=cronjob/…` would. The trace of whoever
// triggers it becomes that of the run; nil where there is none.
func Trigger(ctx context.Context, client kubernetes.Interface, cron *batchv1.CronJob, run string, trace map[string]string) (*batchv1.Job, error) {
	want := jobOfSchedule(cron, run)
	want.Annotations[annotationInstantiate] = "manual"
	if trace == nil {
		trace = map[string]string{} // is said as well: the orchestrator would begin one that a plan made before it does not know
	}
	encoded, err := json.Marshal(trace)
	if err != nil {
		return nil, fmt.Errorf("making run %s of schedule %s: %w", run, cron.Name, err)
	}
	want.Annotations[annotationTrace] = string(encoded)
	owner := cronJobOwner(cron)
	owner.Controller = new(true)
	want.OwnerReferences = []metav1.OwnerReference{owner}
	job, _, err := createScheduled(ctx, client, cron, want)
	return job, err
}

func jobOfSchedule(cron *batchv1.CronJob, name string) *batchv1.Job {
	template := cron.Spec.JobTemplate.DeepCopy()
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: cron.Namespace, Labels: template.Labels, Annotations: overlaid(template.Annotations, nil),
		},
		Spec: template.Spec,
	}
}

// createScheduled creates a Job of a schedule, or finds the one that is there, by whomever of this very schedule.
func createScheduled(
	ctx context.Context, client kubernetes.Interface, cron *batchv1.CronJob, want *batchv1.Job,
) (job *batchv1.Job, made bool, err error) {
	if isIncomplete(cron) {
		return nil, false, fmt.Errorf("making run %s of schedule %s: %w", want.Name, cron.Name, errIncomplete)
	}
	api := client.BatchV1().Jobs(want.Namespace)
	err = persist(ctx, func(ctx context.Context) error {
		job, err = api.Create(ctx, want, metav1.CreateOptions{})
		made = err == nil
		if !apierrors.IsAlreadyExists(err) {
			return err
		}
		if job, err = api.Get(ctx, want.Name, metav1.GetOptions{}); err != nil {
			return leftover(err)
		}
		switch earlier := job.Labels[LabelSchedule] == cron.Name; {
		case earlier && (!ownedBy(job, cron.UID) || job.DeletionTimestamp != nil):
			return errRemains
		case !earlier:
			return errors.New("there is a Job of this name that is not this schedule's: delete it")
		}
		return nil
	}, isRemains)
	if err != nil {
		return nil, false, explain(fmt.Sprintf("making run %s of schedule %s", want.Name, cron.Name), cron.Namespace, err)
	}
	return job, made, nil
}

// AwaitJob waits until a run's Job has ended or is gone, and returns how the run ended: as the Job tells, or Stopped where it is
// gone.
func AwaitJob(ctx context.Context, client kubernetes.Interface, ref Ref) (end record.Outcome, err error) {
	watching, cancel := context.WithCancel(ctx)
	defer cancel()
	err = WatchJob(watching, client, ref, func(s JobState) {
		if end == "" && (s.Finished != "" || !s.Exists) {
			end = cmp.Or(s.Outcome(), record.Stopped)
			cancel()
		}
	})
	if end != "" {
		return end, nil
	}
	return "", err
}
