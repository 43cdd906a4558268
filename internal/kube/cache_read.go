package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/org/k8sorch/internal/cache"
	"github.com/org/k8sorch/internal/record"
)

// readEarlier returns the result that a run before ref's recorded for a step. That run's owners are not known here, and its
// Job may be gone; everything else must be as it is in the records of a run.
func readEarlier(ref Ref, step string, cm *corev1.ConfigMap) (record.Result, error) {
	run := cm.Labels[LabelRun]
	switch {
	case cm.Labels[LabelRecord] != RecordResult, cm.Labels[LabelPipeline] != ref.Pipeline, cm.Labels[LabelStep] != step, run == ref.Run:
		return record.Result{}, errors.New("it is not a result of the step in another run of the pipeline")
	case cm.DeletionTimestamp != nil:
		return record.Result{}, errors.New("it is being deleted")
	case cm.Immutable == nil, !*cm.Immutable:
		return record.Result{}, errors.New("it can be changed, which no record can")
	}
	var r record.Result
	if err := decodeRecord(cm, record.ResultFile(step), &r); err != nil {
		return record.Result{}, err
	}
	if r.Cache == nil {
		return record.Result{}, errors.New("the step was not cached")
	}
	return r, checkResult(run, step, cm, r)
}

// lookedBack is how many earlier runs are asked for what has changed since.
const lookedBack = 3

// Explain says what has changed since an earlier run, for a step of which no result has the key. Runs are the names of
// earlier runs, the latest first. Where they cannot be read, no more is said than is known.
func (f Finder) Explain(ctx context.Context, want Wanted, runs []string) string {
	for _, run := range runs[:min(len(runs), lookedBack)] {
		cm, err := f.Client.CoreV1().ConfigMaps(f.Ref.Namespace).Get(ctx, ResultName(run, want.Step), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return cache.NoneFound
		}
		if earlier, err := readEarlier(f.Ref, want.Step, cm); err == nil && earlier.Cache.Key != want.Cache.Key {
			return cache.Explain(want.Cache, earlier.Cache)
		}
	}
	return cache.NoneMade
}

// EarlierRuns returns the names of the other runs of the pipeline in the namespace, the latest first. It asks once: a step need not
// wait for an explanation.
func (f Finder) EarlierRuns(ctx context.Context) ([]string, error) {
	ofPipeline := labels.Set{LabelManagedBy: ManagedBy, LabelPipeline: f.Ref.Pipeline}
	jobs, err := f.Client.BatchV1().Jobs(f.Ref.Namespace).List(ctx, metav1.ListOptions{LabelSelector: ofPipeline.String()})
	if err != nil {
		return nil, fmt.Errorf("listing the runs of pipeline %q: %w", f.Ref.Pipeline, err)
	}
	slices.SortFunc(jobs.Items, func(a, b batchv1.Job) int { return b.CreationTimestamp.Compare(a.CreationTimestamp.Time) })
	var runs []string
	for _, job := range jobs.Items {
		if run := RunOf(&job); run != "" && run != f.Ref.Run {
			runs = append(runs, run)
		}
	}
	return runs, nil
}
