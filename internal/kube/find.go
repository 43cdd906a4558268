package kube

import (
	"context"
	"errors"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// ErrNoRun is returned for a run that does not exist: it never did, was deleted, or its retention is over.
var ErrNoRun = errors.New("there is no such run: it may have been deleted, or kept no longer")

// RefOf returns the run that a pod of this role belongs to.
func RefOf(role reexec.Role) Ref {
	return Ref{
		Namespace: role.Namespace, Run: role.Run, Pipeline: role.Pipeline, Job: role.Job,
		JobUID: types.UID(role.JobUID), PlanUID: types.UID(role.PlanUID),
	}
}

// FindRun returns the complete reference of a run that was submitted, from its namespace and id. Without the name of a
// Job, the Job is that of the latest generation. The pipeline may be empty; otherwise the run must be one of it.
func FindRun(ctx context.Context, client kubernetes.Interface, want Ref) (Ref, error) {
	ref, _, err := findWhole(ctx, client, want)
	return ref, err
}

// findWhole returns the complete reference of a run, and the ConfigMap of its plan.
func findWhole(ctx context.Context, client kubernetes.Interface, want Ref) (Ref, *corev1.ConfigMap, error) {
	job, err := findJob(ctx, client, want)
	if err != nil {
		return Ref{}, nil, err
	}
	ref := Ref{Namespace: want.Namespace, Run: want.Run, Pipeline: job.Labels[LabelPipeline], Job: job.Name, JobUID: job.UID}
	config, err := FindPlan(ctx, client, ref)
	if err != nil {
		return Ref{}, nil, err
	}
	ref.PlanUID = config.UID
	return ref, config, nil
}

// RunOf returns the id of the run that a Job orchestrates; empty for any other Job. A schedule gives the same labels to all the
// Jobs it makes, so that the run of one of these has the Job's name.
func RunOf(job *batchv1.Job) string {
	switch run := job.Labels[LabelRun]; {
	case job.Labels[LabelManagedBy] != ManagedBy:
		return ""
	case run == "" && job.Labels[LabelSchedule] != "":
		return job.Name
	default:
		return run
	}
}

func findJob(ctx context.Context, client kubernetes.Interface, want Ref) (job *batchv1.Job, err error) {
	doing := "finding run " + want.Run + " in namespace " + want.Namespace
	err = persist(ctx, func(ctx context.Context) error {
		job, err = latestJob(ctx, client, want)
		return err
	}, briefly())
	switch {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("%s: %w", doing, ErrNoRun)
	case err != nil:
		return nil, explain(doing, want.Namespace, err)
	case RunOf(job) != want.Run:
		return nil, fmt.Errorf("%s: the Job of this name is no run", doing)
	case want.Pipeline != "" && job.Labels[LabelPipeline] != want.Pipeline:
		return nil, fmt.Errorf("%s: it is a run of pipeline %q, not of %q", doing, job.Labels[LabelPipeline], want.Pipeline)
	}
	return job, nil
}

// latestJob reads the Job that is named, or else that of the run's latest generation.
func latestJob(ctx context.Context, client kubernetes.Interface, want Ref) (*batchv1.Job, error) {
	jobs := client.BatchV1().Jobs(want.Namespace)
	if want.Job == "" {
		list, err := jobs.List(ctx, metav1.ListOptions{LabelSelector: generationLabels(want.Run).String()})
		if err != nil {
			return nil, err
		}
		if i := latestGeneration(want.Run, list.Items); i >= 0 {
			return &list.Items[i], nil
		}
	}
	return jobs.Get(ctx, want.JobName(), metav1.GetOptions{})
}

// generationLabels are what the Jobs of the run have, but for that of a schedule.
func generationLabels(run string) labels.Set {
	return labels.Set{LabelManagedBy: ManagedBy, LabelRun: run, LabelRole: string(reexec.Orchestrator)}
}

// latestGeneration returns the index of the run's latest Job; -1 when none is one of it.
func latestGeneration(run string, jobs []batchv1.Job) int {
	latest := -1
	for i, job := range jobs {
		if n := generation(run, job.Name); n > 0 && (latest < 0 || n > generation(run, jobs[latest].Name)) {
			latest = i
		}
	}
	return latest
}

// ReadRun returns the complete reference of a run, as [FindRun] does, and its plan.
func ReadRun(ctx context.Context, client kubernetes.Interface, want Ref) (Ref, *plan.Plan, error) {
	ref, config, err := findWhole(ctx, client, want)
	if err != nil {
		return Ref{}, nil, err
	}
	p, err := planOf(config)
	return ref, p, err
}

func planOf(config *corev1.ConfigMap) (*plan.Plan, error) {
	p, err := plan.Decode(config.BinaryData[plan.FileName])
	if err != nil {
		return nil, fmt.Errorf("reading ConfigMap %s: %w", config.Name, err)
	}
	return p, nil
}

// FindPlan reads the ConfigMap of a run's plan. It must be the Job's own: that of an earlier run of the same name may
// still be there for a moment.
func FindPlan(ctx context.Context, client kubernetes.Interface, ref Ref) (config *corev1.ConfigMap, err error) {
	doing := "finding the plan of run " + ref.Run
	err = persist(ctx, func(ctx context.Context) error {
		config, err = client.CoreV1().ConfigMaps(ref.Namespace).Get(ctx, ref.PlanName(), metav1.GetOptions{})
		return err
	}, briefly())
	switch {
	case apierrors.IsNotFound(err), err == nil && !ownedBy(config, ref.JobUID):
		return nil, fmt.Errorf("%s: it is not there: the run is just being submitted, or deleted", doing)
	case err != nil:
		return nil, explain(doing, ref.Namespace, err)
	}
	return config, nil
}

// controlledBy tells the pods that a Job has made from those of steps, of which it is one of the owners.
func controlledBy(pod *corev1.Pod, job types.UID) bool {
	controller := metav1.GetControllerOfNoCopy(pod)
	return controller != nil && controller.UID == job
}

func ownedBy(object metav1.Object, owner types.UID) bool {
	for _, o := range object.GetOwnerReferences() {
		if o.UID == owner {
			return true
		}
	}
	return false
}
