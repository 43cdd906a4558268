package kube

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// RunJob is a run as its orchestrator Job shows it.
type RunJob struct {
	JobState
	// Run is the run's id.
	Run string
	// Ready tells that a pod of the Job runs.
	Ready bool
	// Submitted is when the run's first Job was made that is still there, and Ended when the end of the latest became
	// certain, by the API server's clock and the Job controller's; zero while it goes on.
	Submitted, Ended time.Time
}

// ListRuns returns the runs of a pipeline in a namespace, the newest first. All generations of a run are one.
func ListRuns(ctx context.Context, client kubernetes.Interface, namespace, pipeline string) ([]RunJob, error) {
	jobs, err := listRuns(ctx, client, Ref{Namespace: namespace, Pipeline: pipeline})
	if err != nil {
		return nil, err
	}
	generations := map[string][]batchv1.Job{}
	for _, job := range jobs {
		if run := RunOf(&job); generation(run, job.Name) > 0 {
			generations[run] = append(generations[run], job)
		}
	}
	runs := make([]RunJob, 0, len(generations))
	for run, jobs := range generations {
		runs = append(runs, runOf(run, jobs))
	}
	slices.SortFunc(runs, func(a, b RunJob) int {
		return cmp.Or(b.Submitted.Compare(a.Submitted), cmp.Compare(b.Run, a.Run))
	})
	return runs, nil
}

// runOf describes a run by the Jobs of its generations.
func runOf(run string, jobs []batchv1.Job) RunJob {
	r := jobOfRun(&jobs[latestGeneration(run, jobs)])
	for _, job := range jobs {
		if made := job.CreationTimestamp.Time; made.Before(r.Submitted) {
			r.Submitted = made
		}
	}
	return r
}

func jobOfRun(job *batchv1.Job) RunJob {
	r := RunJob{JobState: jobState(job), Run: RunOf(job), Submitted: job.CreationTimestamp.Time}
	r.Ready = job.Status.Ready != nil && *job.Status.Ready > 0
	for _, c := range job.Status.Conditions {
		if finish(c) != "" && (r.Ended.IsZero() || c.LastTransitionTime.Time.Before(r.Ended)) {
			r.Ended = c.LastTransitionTime.Time
		}
	}
	return r
}

// ReadJob reads the state of the run's Job and of its orchestrator.
func ReadJob(ctx context.Context, client kubernetes.Interface, ref Ref) (RunJob, error) {
	var job *batchv1.Job
	err := persist(ctx, func(ctx context.Context) (err error) {
		job, err = client.BatchV1().Jobs(ref.Namespace).Get(ctx, ref.JobName(), metav1.GetOptions{})
		return err
	})
	switch {
	case apierrors.IsNotFound(err), err == nil && ref.JobUID != "" && job.UID != ref.JobUID:
		return RunJob{}, ErrNoRun
	case err != nil:
		return RunJob{}, explain("reading run "+ref.Run, ref.Namespace, err)
	}
	pods, err := listPods(ctx, client, ref, reexec.Orchestrator)
	if err != nil {
		return RunJob{}, err
	}
	var own []*corev1.Pod
	for i := range pods {
		if controlledBy(&pods[i], job.UID) {
			own = append(own, &pods[i])
		}
	}
	r := jobOfRun(job)
	r.Orchestrator = orchestratorState(newest(own))
	return r, nil
}

// exitCodeSaid finds the exit code in the Job controller's words about a pod that its failure policy ended the Job for
// (k8s.io/kubernetes/pkg/controller/job/pod_failure_policy.go).
var exitCodeSaid = regexp.MustCompile(`failed with exit code (\d+)`)

// Outcome is how the run ended as far as the Job tells; empty while it goes on.
func (s JobState) Outcome() record.Outcome {
	switch s.Finished {
	case "":
		return ""
	case batchv1.JobComplete:
		return record.Succeeded
	}
	if said := exitCodeSaid.FindStringSubmatch(s.Message); said != nil && said[1] == strconv.Itoa(ExitRunStopped) {
		return record.Stopped
	}
	return record.Failed
}

// DeleteAll deletes the run, all generations of it, and with them everything that belongs to it. A run that is gone already
// is no error.
func DeleteAll(ctx context.Context, client kubernetes.Interface, ref Ref) error {
	jobs, err := labelledJobs(ctx, client, ref)
	if err != nil {
		return err
	}
	refs := []Ref{ref}
	for _, job := range jobs {
		if generation(ref.Run, job.Name) > 0 && job.Name != ref.JobName() {
			refs = append(refs, Ref{Namespace: ref.Namespace, Run: ref.Run, Job: job.Name, JobUID: job.UID})
		}
	}
	var failed []error
	for _, one := range refs {
		failed = append(failed, DeleteRun(ctx, client, one, metav1.DeletePropagationBackground))
	}
	return errors.Join(failed...)
}
