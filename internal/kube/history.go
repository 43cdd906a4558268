package kube

import (
	"cmp"
	"context"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/reexec"
)

// History says how many runs of a pipeline are kept that have ended, by how they did. Nil is any number.
type History struct {
	Succeeded, Failed *int
}

// limit returns how many runs are kept that ended this way.
func (h History) limit(end batchv1.JobConditionType) *int {
	if end == batchv1.JobComplete {
		return h.Succeeded
	}
	return h.Failed
}

// Trim deletes the runs of ref's pipeline that are beyond the limits, the oldest first, and all that belongs to them. It
// leaves alone what has not ended, what is no run, and the runs of schedules, which have limits of their own. Without a limit,
// nothing is asked of the API server.
func (h History) Trim(ctx context.Context, client kubernetes.Interface, ref Ref) error {
	if h.Succeeded == nil && h.Failed == nil {
		return nil
	}
	jobs, err := listRuns(ctx, client, ref)
	if err != nil {
		return err
	}
	for _, job := range h.beyond(jobs) {
		old := Ref{Namespace: job.Namespace, Run: job.Labels[LabelRun], Job: job.Name, JobUID: job.UID}
		if err := DeleteRun(ctx, client, old, metav1.DeletePropagationBackground); err != nil {
			return err
		}
	}
	return nil
}

// beyond returns the runs that are not to be kept, the oldest first.
func (h History) beyond(jobs []batchv1.Job) (old []batchv1.Job) {
	slices.SortFunc(jobs, func(a, b batchv1.Job) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(b.Name, a.Name))
	})
	kept := map[batchv1.JobConditionType]int{}
	for _, job := range jobs {
		end := ended(&job)
		if end == "" || job.DeletionTimestamp != nil || generation(job.Labels[LabelRun], job.Name) == 0 {
			continue
		}
		if limit := h.limit(end); limit == nil || kept[end] < *limit {
			kept[end]++
			continue
		}
		old = append(old, job)
	}
	slices.Reverse(old)
	return old
}

// listRuns returns the Jobs of all runs of ref's pipeline.
func listRuns(ctx context.Context, client kubernetes.Interface, ref Ref) ([]batchv1.Job, error) {
	return selectJobs(ctx, client, ref.Namespace, "listing the runs of pipeline "+ref.Pipeline,
		labels.Set{LabelManagedBy: ManagedBy, LabelPipeline: ref.Pipeline, LabelRole: string(reexec.Orchestrator)})
}

// selectJobs returns the Jobs of a namespace that have these labels.
func selectJobs(ctx context.Context, client kubernetes.Interface, namespace, doing string, of labels.Set) ([]batchv1.Job, error) {
	var list *batchv1.JobList
	err := persist(ctx, func(ctx context.Context) (err error) {
		list, err = client.BatchV1().Jobs(namespace).List(ctx, metav1.ListOptions{LabelSelector: of.String()})
		return err
	})
	if err != nil {
		return nil, explain(doing, namespace, err)
	}
	return list.Items, nil
}

// ended returns how a Job has ended; empty while it has not. Unlike [JobState.Finished] it waits for the very end, when
// the Job has no pod any more.
func ended(job *batchv1.Job) batchv1.JobConditionType {
	for _, c := range job.Status.Conditions {
		if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) {
			return c.Type
		}
	}
	return ""
}
