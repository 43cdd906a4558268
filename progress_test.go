package pipeline_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// halfway reports its progress, and then fails.
func halfway(ctx context.Context) (int, error) {
	pipeline.Progress(ctx, 0.25, "reading")
	time.Sleep(5 * time.Second)
	pipeline.Progress(ctx, 0.5, "half of it")
	pipeline.Progress(ctx, 0.75, "most of it")
	return 0, errors.New("that is all")
}

func TestProgressIsSeenByWhoeverFollowsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("p").Step(pipeline.Func0("read", halfway), pipeline.Func0("idle", func(context.Context) (int, error) { return 1, nil }))
		c := k8sorchtest.New(t, p)
		var got []pipeline.Event
		began := time.Now()
		var seen []time.Duration
		o := c.Orchestrator(pipeline.WithEvents(func(e pipeline.Event) {
			switch {
			case e.Kind == pipeline.StepProgress:
				got = append(got, e)
				seen = append(seen, e.Time.Sub(began))
			case e.Kind == pipeline.LogLine && e.Message != "fake logs":
				t.Errorf("line %q of step %s", e.Message, e.Step)
			}
		}))
		run, err := o.Run(c.Context(t.Context()), p)
		if err == nil {
			t.Fatal("the run succeeded")
		}
		want := []pipeline.Event{
			{Kind: pipeline.StepProgress, Run: run.ID, Pipeline: "p", Step: "read", Attempt: 1, Fraction: 0.25, Message: "reading"},
			{Kind: pipeline.StepProgress, Run: run.ID, Pipeline: "p", Step: "read", Attempt: 1, Fraction: 0.5, Message: "half of it"},
			{Kind: pipeline.StepProgress, Run: run.ID, Pipeline: "p", Step: "read", Attempt: 1, Fraction: 0.75, Message: "most of it"},
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(pipeline.Event{}, "Time")); diff != "" {
			t.Errorf("progress (-want +got):\n%s", diff)
		}
		if len(seen) > 0 && seen[0] > time.Second {
			t.Errorf("the first word is seen after %s", seen[0])
		}
		if s, _ := run.Step("read"); len(s.Log) != 0 && !cmp.Equal(s.Log, []string{"fake logs"}) {
			t.Errorf("the end of the log of the step that failed is %q", s.Log)
		}
	})
}

func TestProgressOutsideOfAStepIsNone(t *testing.T) {
	t.Parallel()
	pipeline.Progress(t.Context(), 0.5, "nobody listens")
}
