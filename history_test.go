package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// jobsLeft returns the names of the Jobs that are there.
func jobsLeft(t *testing.T, c *k8sorchtest.Cluster) (names []string) {
	t.Helper()
	jobs, err := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range jobs.Items {
		names = append(names, job.Name)
	}
	slices.Sort(names)
	return names
}

// awaitJob returns once the Job of a run that the client has seen end has ended, too.
func awaitJob(t *testing.T, c *k8sorchtest.Cluster, run string) {
	t.Helper()
	jobs := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace)
	w, err := jobs.Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	for finished(t, c, run) == "" {
		<-w.ResultChan()
	}
}

func TestRunsBeyondTheHistoryLimitsAreDeleted(t *testing.T) {
	t.Parallel()
	good := pipeline.Param("good", true)
	p := pipeline.New("p").Step(pipeline.Func("a", func(_ context.Context, good bool) (int, error) {
		if !good {
			return 0, errors.New("bad")
		}
		return 1, nil
	}, good))
	c := k8sorchtest.New(t, p)
	limits := pipeline.RunSettings(pipeline.KubernetesOrchestratorSettings{SuccessfulJobsHistoryLimit: new(1), FailedJobsHistoryLimit: new(0)})
	run := func(opts ...pipeline.RunOption) string {
		run, _ := c.Run(t.Context(), p, opts...)
		awaitJob(t, c, run.ID)
		return run.ID
	}
	// The clock of the API server has whole seconds, so that runs of a moment are in the order of their names.
	first := []string{run(), run()}
	slices.Sort(first)
	bad := run(good.Set(false))
	if diff := cmp.Diff(slices.Sorted(slices.Values(append(first, bad))), jobsLeft(t, c)); diff != "" {
		t.Fatalf("Jobs without limits (-want +got):\n%s", diff)
	}
	last := run(limits)
	kept := slices.Sorted(slices.Values([]string{first[1], last}))
	if diff := cmp.Diff(kept, jobsLeft(t, c)); diff != "" {
		t.Errorf("Jobs with limits (-want +got):\n%s", diff)
	}
}

func TestHistoryThatCannotBeTrimmedIsToldOf(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number)).
		Settings(pipeline.KubernetesOrchestratorSettings{FailedJobsHistoryLimit: new(1)})
	c := k8sorchtest.New(t, p)
	selected := func(action clienttesting.Action) bool {
		return strings.Contains(action.(clienttesting.ListActionImpl).ListRestrictions.Labels.String(), "pipeline=p")
	}
	c.Clientset().PrependReactor("list", "jobs", func(action clienttesting.Action) (bool, runtime.Object, error) {
		return selected(action), nil, apierrors.NewForbidden(batchv1.Resource("jobs"), "", errors.New(`User "ann" cannot list resource "jobs"`))
	})
	var told []string
	run, err := c.Orchestrator(pipeline.WithEvents(func(e pipeline.Event) {
		if e.Kind == pipeline.Notice && strings.Contains(e.Message, "history") {
			told = append(told, e.Message)
		}
	})).Run(c.Context(t.Context()), p)
	if err != nil || run.Outcome != pipeline.Succeeded {
		t.Errorf("run = %+v, %v, want it to succeed", run, err)
	}
	if len(told) != 1 || !strings.Contains(told[0], `"ann" cannot list`) || !strings.Contains(told[0], "leave SuccessfulJobsHistoryLimit") {
		t.Errorf("notices = %q, want one that names the right and the remedy", told)
	}
}
