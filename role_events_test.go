package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clienttesting "k8s.io/client-go/testing"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// story returns the events on the Job of a run, sorted.
func story(t *testing.T, c *k8sorchtest.Cluster, run string) (lines []string) {
	t.Helper()
	synctest.Wait() // Until the orchestrator has ended, too.
	events, err := c.Clientset().CoreV1().Events(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	job, err := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).Get(t.Context(), run, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events.Items {
		about := corev1.ObjectReference{APIVersion: "batch/v1", Kind: "Job", Name: run, Namespace: k8sorchtest.Namespace, UID: job.UID}
		if diff := cmp.Diff(about, e.InvolvedObject); diff != "" {
			t.Errorf("event %s is about (-want +got):\n%s", e.Name, diff)
		}
		lines = append(lines, e.Type+" "+e.Reason+": "+strings.ReplaceAll(e.Message, run, "RUN"))
	}
	slices.Sort(lines)
	return lines
}

func TestEventsTellTheStoryOfARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		load := pipeline.Func0("load", func(ctx context.Context) (int, error) {
			if pipeline.AttemptInfo(ctx).Attempt == 1 {
				return 0, errors.New("once more\nwith a second line")
			}
			return 1, nil
		}).Retry(pipeline.Retry{MaxRetries: 1})
		fit := pipeline.Func("fit", func(context.Context, int) (int, error) { return 0, errors.New("no luck") }, load)
		p := pipeline.New("p").Step(pipeline.Func("report", func(context.Context, int) (int, error) { return 1, nil }, fit))
		c := k8sorchtest.New(t, p)
		run, err := c.Run(t.Context(), p)
		if err == nil {
			t.Fatal("the run succeeded")
		}
		want := []string{
			"Normal RunStarted: run RUN of pipeline p has begun; it has 3 step(s)",
			"Warning RunFailed: run RUN of pipeline p has ended as Failed",
			`Warning StepFailed: step "fit" ended as Failed (Error) with attempt 1: no luck`,
			`Warning StepRetried: attempt 1 of step "load" ended as Failed (Error), another one follows: once more`,
		}
		if diff := cmp.Diff(want, story(t, c, run.ID)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// A run with many failures has few events.
func TestEventsAreFew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p")
		for i := range 80 {
			p.Step(pipeline.Func0(fmt.Sprintf("bad-%d", i), func(context.Context) (int, error) { return 0, errors.New("bad") }))
		}
		c := k8sorchtest.New(t, p)
		run, err := c.Run(t.Context(), p)
		if err == nil {
			t.Fatal("the run succeeded")
		}
		lines := story(t, c, run.ID)
		omitted := slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "Normal FurtherEventsOmitted: ") })
		ended := slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, "Warning RunFailed: ") })
		if len(lines) != 52 || !omitted || !ended {
			t.Errorf("%d events, of which one says that there are more: %t, and one how the run ended: %t", len(lines), omitted, ended)
		}
	})
}

// What an orchestrator has told, the next one does not tell again.
func TestEventsAreToldOnceThoughTheOrchestratorIsRestarted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		slow, running := held(release)
		p := pipeline.New("p").Step(slow)
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		<-running
		c.KillOrchestrator()
		synctest.Wait()
		close(release)
		if _, err := h.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := []string{"Normal RunStarted: run RUN of pipeline p has begun; it has 1 step(s)", "Normal RunSucceeded: run RUN of pipeline p has ended as Succeeded"}
		if diff := cmp.Diff(want, story(t, c, h.ID)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestRunsGoOnWithoutTheRightToTellEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p").Step(pipeline.Func0("bad", func(context.Context) (int, error) { return 0, errors.New("bad") }),
			pipeline.Func0("good", func(context.Context) (int, error) { return 1, nil }))
		c := k8sorchtest.New(t, p)
		asked := 0
		c.Clientset().PrependReactor("create", "events", func(clienttesting.Action) (bool, runtime.Object, error) {
			asked++
			return true, nil, apierrors.NewForbidden(corev1.Resource("events"), "", errors.New("no"))
		})
		run, _ := c.Run(t.Context(), p)
		want := map[string]pipeline.Outcome{"bad": pipeline.Failed, "good": pipeline.Succeeded}
		if diff := cmp.Diff(want, outcomes(run)); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
		if asked != 1 {
			t.Errorf("events were tried to be made %d times, want once", asked)
		}
	})
}
