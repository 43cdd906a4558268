package k8sorchtest

import (
	"fmt"
	"maps"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/org/k8sorch/internal/kube"
)

// controlJobs does what the Job controller does for the orchestrators of runs: one pod, replaced when it fails, until
// one succeeds or the failure policy or the backoff limit says that it is over.
func (c *Cluster) controlJobs() {
	w, err := c.client.BatchV1().Jobs(Namespace).Watch(c.tb.Context(), metav1.ListOptions{})
	if err != nil {
		c.tb.Fatalf("watching Jobs: %v", err)
	}
	begun := map[string]bool{}
	c.serve(w, func(e watch.Event) {
		job, ok := e.Object.(*batchv1.Job)
		if !ok || e.Type == watch.Deleted || job.Spec.Suspend != nil && *job.Spec.Suspend || begun[job.Name] {
			return
		}
		begun[job.Name] = true
		c.work.Go(func() { c.runJob(job) })
	})
}

func (c *Cluster) runJob(job *batchv1.Job) {
	for attempt := range *job.Spec.BackoffLimit + 1 {
		code := c.runJobPod(job, attempt)
		switch {
		case c.tb.Context().Err() != nil:
			return
		case code == 0:
			c.finishJob(job, batchv1.JobComplete, "")
			return
		case slices.Contains([]int{kube.ExitRunFailed, kube.ExitPermanent, kube.ExitRunStopped}, code):
			c.finishJob(job, batchv1.JobFailed, fmt.Sprintf("Container main failed with exit code %d", code))
			return
		}
	}
	c.finishJob(job, batchv1.JobFailed, "Job has reached the specified backoff limit")
}

// runJobPod creates a pod of the Job and returns its exit code.
func (c *Cluster) runJobPod(job *batchv1.Job, attempt int32) int {
	labels := maps.Clone(job.Spec.Template.Labels)
	labels[batchv1.JobNameLabel], labels[batchv1.ControllerUidLabel] = job.Name, string(job.UID)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: fmt.Sprintf("%s-%d", job.Name, attempt), Namespace: job.Namespace,
			Labels: labels, Annotations: job.Spec.Template.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))},
		},
		Spec: job.Spec.Template.Spec,
	}
	made, err := c.own.CoreV1().Pods(job.Namespace).Create(c.tb.Context(), pod, metav1.CreateOptions{})
	if err != nil {
		return -1
	}
	c.setReady(job, 1)
	defer c.setReady(job, 0)
	return c.runPod(made)
}

// setReady tells how many pods of the Job run. A Job that was deleted has none.
func (c *Cluster) setReady(job *batchv1.Job, pods int) {
	patch := fmt.Appendf(nil, `{"status":{"active":%d,"ready":%d}}`, pods, pods)
	_, _ = c.client.BatchV1().Jobs(job.Namespace).Patch(c.tb.Context(), job.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
}

func (c *Cluster) finishJob(job *batchv1.Job, how batchv1.JobConditionType, message string) {
	jobs := c.own.BatchV1().Jobs(job.Namespace)
	current, err := jobs.Get(c.tb.Context(), job.Name, metav1.GetOptions{})
	if err != nil {
		return // The run was deleted.
	}
	current.Status.Conditions = append(current.Status.Conditions, batchv1.JobCondition{
		Type: how, Status: corev1.ConditionTrue, Message: message, LastTransitionTime: metav1.NewTime(time.Now().Truncate(time.Second)),
	})
	_, _ = jobs.UpdateStatus(c.tb.Context(), current, metav1.UpdateOptions{})
}
