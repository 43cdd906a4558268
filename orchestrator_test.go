package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/reexec"
	"github.com/org/k8sorch/k8sorchtest"
)

// outcomes returns how the steps of a run ended.
func outcomes(run *pipeline.Run) map[string]pipeline.Outcome {
	all := map[string]pipeline.Outcome{}
	for _, s := range run.Steps {
		all[s.Name] = s.Outcome
	}
	return all
}

// hanging returns a step that runs until it is stopped, and a channel that is closed once it runs.
func hanging() (*pipeline.Step[int], <-chan struct{}) {
	running := make(chan struct{})
	return pipeline.Func0("hang", func(ctx context.Context) (int, error) {
		close(running)
		<-ctx.Done()
		return 0, context.Cause(ctx)
	}), running
}

// held returns a step that runs until it is released, and a channel that is closed once it runs.
func held(release <-chan struct{}) (*pipeline.Step[int], <-chan struct{}) {
	running := make(chan struct{})
	return pipeline.Func0("slow", func(ctx context.Context) (int, error) {
		close(running)
		select {
		case <-release:
		case <-ctx.Done():
		}
		return 1, ctx.Err()
	}), running
}

// heldPipeline returns a pipeline of such a step and one after it.
func heldPipeline(release <-chan struct{}) (*pipeline.Pipeline, <-chan struct{}) {
	slow, running := held(release)
	return pipeline.New("p").Step(pipeline.Func("after", increment, slow)), running
}

func TestStepsKnowTheirAttempt(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 3, 29, 2, 30, 0, 0, time.UTC)
	type known struct {
		Info      pipeline.Info
		Scheduled time.Time
	}
	ask := pipeline.Func0("ask", func(ctx context.Context) (known, error) {
		when, _ := pipeline.ScheduledTime(ctx)
		pipeline.Logger(ctx).Info("asked")
		if info := pipeline.AttemptInfo(ctx); info.Attempt == 1 {
			return known{}, errors.New("once more")
		}
		return known{pipeline.AttemptInfo(ctx), when}, nil
	}).Retry(pipeline.Retry{MaxRetries: 1})
	p := pipeline.New("p").Step(ask)
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p, pipeline.ScheduledFor(due))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ask.Result(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := run.Step("ask")
	want := known{pipeline.Info{Run: run.ID, Pipeline: "p", Step: "ask", Attempt: 2, UID: s.UID}, due}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
	if s.UID == "" || s.Attempts != 2 {
		t.Errorf("step = %+v, want two attempts and a UID", s)
	}
}

func TestOutsideOfAStepNothingIsKnown(t *testing.T) {
	t.Parallel()
	if info := pipeline.AttemptInfo(t.Context()); info != (pipeline.Info{}) {
		t.Errorf("AttemptInfo = %+v, want none", info)
	}
	if when, ok := pipeline.ScheduledTime(t.Context()); ok {
		t.Errorf("ScheduledTime = %v, want none", when)
	}
	pipeline.Logger(t.Context()).Info("goes nowhere")
}

func TestPermanentErrorsAreNotRetried(t *testing.T) {
	t.Parallel()
	a := pipeline.Func0("a", func(context.Context) (int, error) {
		return 0, fmt.Errorf("reading config: %w", pipeline.Permanent(errors.New("no such file")))
	}).Retry(pipeline.Retry{MaxRetries: 5})
	p := pipeline.New("p").Step(a)
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	want := fmt.Sprintf("run %s of pipeline %q ended as Failed\n\tstep %q: Failed (Error) after 1 attempt: reading config: no such file", run.ID, "p", "a")
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

func TestOnlyErrorsThatTheRetryAcceptsAreRetried(t *testing.T) {
	t.Parallel()
	errBusy := errors.New("busy")
	a := pipeline.Func0("a", func(ctx context.Context) (int, error) {
		if pipeline.AttemptInfo(ctx).Attempt < 3 {
			return 0, fmt.Errorf("asking: %w", errBusy)
		}
		return 0, errors.New("no such table")
	}).Retry(pipeline.Retry{MaxRetries: 5, If: func(err error) bool { return errors.Is(err, errBusy) }})
	p := pipeline.New("p").Step(a)
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	want := fmt.Sprintf("run %s of pipeline %q ended as Failed\n\tstep %q: Failed (Error) after 3 attempts: no such table", run.ID, "p", "a")
	if err == nil || err.Error() != want {
		t.Errorf("error = %v, want %s", err, want)
	}
}

func TestPermanentOfNilIsNil(t *testing.T) {
	t.Parallel()
	if err := pipeline.Permanent(nil); err != nil {
		t.Errorf("Permanent(nil) = %v", err)
	}
}

func TestExecutionModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[pipeline.ExecutionMode]map[string]pipeline.Outcome{
		pipeline.ContinueOnFailure: {"bad": pipeline.Failed, "slow": pipeline.Succeeded, "then": pipeline.Succeeded, "after": pipeline.Skipped},
		pipeline.StopOnFailure:     {"bad": pipeline.Failed, "slow": pipeline.Succeeded, "then": pipeline.Skipped, "after": pipeline.Skipped},
		pipeline.FailFast:          {"bad": pipeline.Failed, "slow": pipeline.Stopped, "then": pipeline.Skipped, "after": pipeline.Skipped},
	} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			failed := make(chan struct{})
			slow, begun := held(failed)
			bad := pipeline.Func0("bad", func(context.Context) (int, error) {
				<-begun
				return 0, errors.New("bad")
			})
			then := pipeline.Func("then", increment, slow)
			after := pipeline.Func("after", increment, bad)
			p := pipeline.New("p").Step(then, after).Settings(pipeline.KubernetesOrchestratorSettings{ExecutionMode: new(mode)})
			c := k8sorchtest.New(t, p)
			events := pipeline.WithEvents(func(e pipeline.Event) {
				if mode != pipeline.FailFast && e.Kind == pipeline.StepChanged && e.Step == "bad" && e.Outcome == pipeline.Failed {
					close(failed)
				}
			})
			run, err := c.Orchestrator(events).Run(c.Context(t.Context()), p)
			if err == nil {
				t.Error("the run succeeded")
			}
			if diff := cmp.Diff(want, outcomes(run)); diff != "" {
				t.Errorf("outcomes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang, running := hanging()
		p := pipeline.New("p").Step(pipeline.Func("after", increment, hang))
		c := k8sorchtest.New(t, p)
		h := submitted(t, c, p)
		go stopOnceWatched(t, h, running)
		run, err := h.Wait(t.Context())
		var ended *pipeline.RunError
		if !errors.As(err, &ended) || run.Outcome != pipeline.Stopped {
			t.Errorf("run = %s, %v, want it stopped", run.Outcome, err)
		}
		want := map[string]pipeline.Outcome{"hang": pipeline.Stopped, "after": pipeline.Skipped}
		if diff := cmp.Diff(want, outcomes(run)); diff != "" {
			t.Errorf("outcomes (-want +got):\n%s", diff)
		}
	})
}

// stopOnceWatched stops a run whose step runs and whose client has its watches, in a bubble: a fake clientset does not tell
// of what was deleted between the list and the watch.
func stopOnceWatched(t *testing.T, h *pipeline.Handle, running <-chan struct{}) {
	<-running
	synctest.Wait()
	if err := h.Stop(t.Context(), "enough"); err != nil {
		t.Error(err)
	}
}

func TestWaitingCanBeGivenUp(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	slow, _ := held(release)
	p := pipeline.New("p").Step(slow)
	c := k8sorchtest.New(t, p)
	h := submitted(t, c, p)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("going home"))
	run, err := h.Wait(ctx)
	if !errors.Is(err, pipeline.ErrInterrupted) || run.ID != h.ID || !strings.Contains(err.Error(), "going home") {
		t.Errorf("Wait = %v, %v, want it interrupted", run, err)
	}
	close(release)
	if run, err = h.Wait(t.Context()); err != nil || run.Outcome != pipeline.Succeeded {
		t.Errorf("Wait = %v, %v, want the run to have gone on", run, err)
	}
}

func TestDeletedRun(t *testing.T) {
	t.Parallel()
	hang, running := hanging()
	p := pipeline.New("p").Step(hang)
	c := k8sorchtest.New(t, p)
	h := submitted(t, c, p)
	<-running
	if err := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).Delete(t.Context(), h.ID, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	run, err := h.Wait(t.Context())
	if err == nil || run.Message != "it was deleted from the cluster" {
		t.Errorf("Wait = %v, %v, want it to say that the run was deleted", run, err)
	}
}

func TestBlobsAreStreams(t *testing.T) {
	t.Parallel()
	const text = "a line\n"
	write := pipeline.Func0("write", func(context.Context) (pipeline.Blob, error) {
		return pipeline.BlobFrom(func(_ context.Context, w io.Writer) error {
			_, err := io.WriteString(w, strings.Repeat(text, 100))
			return err
		}), nil
	})
	count := pipeline.Func("count", func(ctx context.Context, b pipeline.Blob) (int, error) {
		for range 2 { // A blob can be read as often as one likes.
			r, err := b.Open(ctx)
			if err != nil {
				return 0, err
			}
			n, err := io.Copy(io.Discard, r)
			if err := errors.Join(err, r.Close()); err != nil || n != b.Size() {
				return 0, fmt.Errorf("%d bytes, %w", n, err)
			}
		}
		return int(b.Size()), nil
	}, write)
	run := k8sorchtest.Run(t, pipeline.New("p").Step(count))
	if got, err := count.Result(t.Context(), run); err != nil || got != 100*len(text) {
		t.Errorf("result = %d, %v, want %d", got, err, 100*len(text))
	}
}

func TestLargeValueWithoutAStoreIsRefused(t *testing.T) {
	t.Parallel()
	big := pipeline.Func0("big", func(context.Context) ([]byte, error) { return make([]byte, 300<<10), nil })
	p := pipeline.New("p").Step(big)
	run, err := k8sorchtest.New(t, p).Run(t.Context(), p)
	s, _ := run.Step("big")
	if err == nil || s.Reason != "ValueTooLarge" || s.Attempts != 1 || !strings.Contains(s.Message, "--artifacts") {
		t.Errorf("step = %+v, want a failure that names the limit and the alternative", s)
	}
}

func TestResultOfAStepWithoutOne(t *testing.T) {
	t.Parallel()
	a := pipeline.Func0("a", number)
	other := pipeline.Func0("other", number)
	run := k8sorchtest.Run(t, pipeline.New("p").Step(a))
	if _, err := other.Result(t.Context(), run); err == nil || !strings.Contains(err.Error(), `has no such step`) {
		t.Errorf("error = %v, want one that says that there is no such step", err)
	}
	if _, err := a.Result(t.Context(), nil); err == nil {
		t.Error("there is a result without a run")
	}
}

func TestPodOfAnotherPipelineNamesDispatch(t *testing.T) {
	t.Parallel()
	p, other := pipeline.New("p").Step(pipeline.Func0("a", number)), pipeline.New("other").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, other) // its pods run a main that knows the other pipeline only
	run, err := c.Run(t.Context(), p)
	if err == nil || !strings.Contains(run.Message, "call Orchestrator.Dispatch with all of them first thing in main") {
		t.Errorf("run = %+v, %v, want it to name Dispatch", run, err)
	}
}

func TestPodThatBuildsAnotherGraphShowsTheDifference(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	other := pipeline.New("p").Step(pipeline.Func0("a", func(context.Context) (string, error) { return "", nil }))
	run, err := k8sorchtest.New(t, other).Run(t.Context(), p)
	if err == nil || !strings.Contains(run.Message, `step "a": value int when submitted, string here`) {
		t.Errorf("run = %+v, %v, want it to show the difference", run, err)
	}
}

func TestDispatchOfAClientOnlyValidates(t *testing.T) {
	t.Parallel()
	ctx := reexec.NewContext(t.Context(), reexec.Role{})
	good := pipeline.New("good").Step(pipeline.Func0("a", number))
	if err := pipeline.NewOrchestrator(pipeline.Config{}).Dispatch(ctx, good); err != nil {
		t.Error(err)
	}
	if err := pipeline.NewOrchestrator(pipeline.Config{}).Dispatch(ctx, good, pipeline.New("bad")); err == nil {
		t.Error("a pipeline without steps passes")
	}
}

func TestOrchestratorThatDiesIsReplaced(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	p, running := heldPipeline(release)
	c := k8sorchtest.New(t, p)
	h := submitted(t, c, p)
	<-running
	c.KillOrchestrator()
	close(release)
	run, err := h.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"slow", "after"}, c.Started()); diff != "" {
		t.Errorf("started (-want +got):\n%s", diff)
	}
	for _, s := range run.Steps {
		if s.Attempts != 1 {
			t.Errorf("step %q had %d attempts: a restart must cost none", s.Name, s.Attempts)
		}
	}
}

func TestJobIsResumedOnlyWithItsPlan(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	c := k8sorchtest.New(t, p)
	w, err := c.Clientset().BatchV1().Jobs(k8sorchtest.Namespace).Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if _, err := c.Run(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	first := <-w.ResultChan()
	if job, ok := first.Object.(*batchv1.Job); !ok || first.Type != watch.Added || !*job.Spec.Suspend {
		t.Errorf("first event = %v, want a suspended Job", first)
	}
}
