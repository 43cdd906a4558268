package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v4"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/pager"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/pause"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// Reasons for which a run cannot be retried.
var (
	// ErrNotOver: the run goes on.
	ErrNotOver = errors.New("the run is not over: wait for its end, or stop it first")
	// ErrNoFailure: the run has succeeded.
	ErrNoFailure = errors.New("the run has succeeded, and there is nothing to retry")
)

// Generation is a run that is over, as a retry finds it.
type Generation struct {
	// Ref and Plan are those of the generation that ended.
	Ref  Ref
	Plan *plan.Plan
	// Next is the name of the Job of the next one.
	Next string
	// Results are the results that stand, by step. Void says of those that do not stand what is wrong with their values.
	Results map[string]record.Result
	Void    map[string]error
	// Attempts is the number of each step's last attempt that is over.
	Attempts map[string]int
	// begun are the Jobs of retries that were begun and never started.
	begun []Ref
}

// Retried reads the run that is to be retried; want is as in [FindRun].
func Retried(ctx context.Context, client kubernetes.Interface, want Ref) (*Generation, error) {
	g, err := awaitRetried(ctx, client, want)
	if err != nil {
		return nil, err
	}
	config, err := FindPlan(ctx, client, g.Ref)
	if err != nil {
		return nil, err
	}
	g.Ref.PlanUID = config.UID
	if g.Plan, err = planOf(config); err != nil {
		return nil, err
	}
	if err := g.checkPods(ctx, client); err != nil {
		return nil, err
	}
	return g, g.readRecords(ctx, client)
}

// endPatience is how long the end of a run is waited for that may just be ending: the Job says so when the kubelet has
// reported the end of the orchestrator's container and the Job controller has heard of it.
const endPatience = 10 * time.Second

// awaitRetried is findRetried, with patience for a run whose client knows already how it ended.
func awaitRetried(ctx context.Context, client kubernetes.Interface, want Ref) (g *Generation, err error) {
	pauses := pause.Growing(200 * time.Millisecond)
	pauses.MaxElapsedTime = endPatience
	err = backoff.Retry(func() error {
		if g, err = findRetried(ctx, client, want); errors.Is(err, ErrNotOver) {
			return err
		}
		return backoff.Permanent(err)
	}, backoff.WithContext(pauses, ctx))
	return g, err
}

// findRetried finds the latest Job of the run that has ever been started, which must be over.
func findRetried(ctx context.Context, client kubernetes.Interface, want Ref) (*Generation, error) {
	latest, err := findJob(ctx, client, want)
	if err != nil {
		return nil, err
	}
	jobs, err := listJobs(ctx, client, want, latest)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(jobs, func(a, b batchv1.Job) int { return generation(want.Run, b.Name) - generation(want.Run, a.Name) })
	g := &Generation{Results: map[string]record.Result{}, Void: map[string]error{}, Attempts: map[string]int{}}
	g.Next = jobOf(want.Run, generation(want.Run, latest.Name)+1)
	if len(g.Next) > maxName {
		return nil, fmt.Errorf("run %s was retried too often: the name of a further Job, %s, would be over %d bytes", want.Run, g.Next, maxName)
	}
	for i, job := range jobs {
		g.Ref = Ref{Namespace: want.Namespace, Run: want.Run, Pipeline: job.Labels[LabelPipeline], Job: job.Name, JobUID: job.UID}
		if i == len(jobs)-1 || !neverStarted(&job) {
			return g, retryable(&job)
		}
		g.begun = append(g.begun, g.Ref)
	}
	return nil, ErrNoRun
}

// neverStarted tells of a Job that was made and not resumed.
func neverStarted(job *batchv1.Job) bool {
	return job.Spec.Suspend != nil && *job.Spec.Suspend && job.Status.StartTime == nil
}

func retryable(job *batchv1.Job) error {
	switch ended(job) {
	case batchv1.JobComplete:
		return ErrNoFailure
	case batchv1.JobFailed:
		return nil
	}
	return ErrNotOver
}

// listJobs returns the Jobs of all generations of the run, whose latest is at hand. That of the first one may be a schedule's,
// which has no label of its run.
func listJobs(ctx context.Context, client kubernetes.Interface, want Ref, latest *batchv1.Job) ([]batchv1.Job, error) {
	labelled, err := labelledJobs(ctx, client, want)
	if err != nil {
		return nil, err
	}
	first := Ref{Namespace: want.Namespace, Run: want.Run, Pipeline: want.Pipeline, Job: want.Run}
	known := []*batchv1.Job{latest}
	if job, err := findJob(ctx, client, first); err == nil {
		known = append(known, job)
	} else if !errors.Is(err, ErrNoRun) {
		return nil, err
	}
	jobs := slices.DeleteFunc(labelled, func(j batchv1.Job) bool { return generation(want.Run, j.Name) == 0 })
	for _, job := range known {
		if !slices.ContainsFunc(jobs, func(j batchv1.Job) bool { return j.Name == job.Name }) {
			jobs = append(jobs, *job)
		}
	}
	return jobs, nil
}

// labelledJobs returns the Jobs that have the label of the run.
func labelledJobs(ctx context.Context, client kubernetes.Interface, of Ref) ([]batchv1.Job, error) {
	return selectJobs(ctx, client, of.Namespace, "listing the Jobs of run "+of.Run, generationLabels(of.Run))
}

// Has tells that the result of a step stands.
func (g *Generation) Has(step string) bool {
	_, has := g.Results[step]
	return has
}

// checkPods refuses a run of which an attempt still runs, as may be where its orchestrator could not be kept up. What it records
// would belong to the generation before, and be deleted with that.
func (g *Generation) checkPods(ctx context.Context, client kubernetes.Interface) error {
	pods, err := listPods(ctx, client, g.Ref, reexec.Step)
	if err != nil {
		return err
	}
	ref := g.Ref.under(g.Plan)
	for _, pod := range pods {
		if ref.owns(&pod) && !isTerminal(&pod) && mainStatus(&pod).State.Terminated == nil {
			return fmt.Errorf("pod %s of step %q has not ended: %w", pod.Name, pod.Labels[LabelStep], ErrNotOver)
		}
	}
	return nil
}

func (g *Generation) readRecords(ctx context.Context, client kubernetes.Interface) error {
	ref := g.Ref.under(g.Plan)
	err := eachRecord(ctx, client, ref, func(cm *corev1.ConfigMap) {
		step := cm.Labels[LabelStep]
		if a, err := readAttempt(ref, cm); err == nil {
			g.Attempts[step] = max(g.Attempts[step], a.Attempt)
		}
		if r, err := readResult(ref, cm); err == nil {
			g.Attempts[step] = max(g.Attempts[step], r.Attempt)
			g.Results[step] = r
			if r.Inline && string(artifact.Sum(cm.BinaryData[record.ValueFile(step)])) != r.Digest {
				g.Void[step] = errors.New("it is not what was recorded")
			}
		}
	})
	for step := range g.Void {
		delete(g.Results, step)
	}
	return explain("reading the records of run "+ref.Run, ref.Namespace, err)
}

// eachRecord calls visit with the ConfigMaps of the run's records.
func eachRecord(ctx context.Context, client kubernetes.Interface, ref Ref, visit func(*corev1.ConfigMap)) error {
	list := pager.New(pager.SimplePageFunc(func(options metav1.ListOptions) (page runtime.Object, err error) {
		err = persist(ctx, func(ctx context.Context) (err error) {
			page, err = client.CoreV1().ConfigMaps(ref.Namespace).List(ctx, options)
			return err
		})
		return page, err
	}))
	list.PageSize = pageSize
	options := metav1.ListOptions{LabelSelector: labels.Set{LabelManagedBy: ManagedBy, LabelRun: ref.Run}.String()}
	return list.EachListItem(ctx, options, func(object runtime.Object) error {
		if cm, ok := object.(*corev1.ConfigMap); ok {
			visit(cm)
		}
		return nil
	})
}

// CheckStored makes sure that the store has the values of the results that are not in their records themselves. What was
// not found is void; the error is that of a store that could not be asked.
func (g *Generation) CheckStored(ctx context.Context, store artifact.Store) error {
	void, err := cache.Void(ctx, store, g.Results)
	if err != nil {
		return err
	}
	for step, why := range void {
		g.Void[step] = why
		delete(g.Results, step)
	}
	return nil
}
