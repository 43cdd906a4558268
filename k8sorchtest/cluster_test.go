package k8sorchtest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRunGivesTypedResults(t *testing.T) {
	t.Parallel()
	rows := pipeline.Param("rows", 3)
	load := pipeline.Func("load", func(_ context.Context, n int) ([]int, error) { return make([]int, n), nil }, rows)
	count := pipeline.Func("count", func(_ context.Context, s []int) (int, error) { return len(s), nil }, load)
	run := k8sorchtest.Run(t, pipeline.New("count").Step(count), rows.Set(7))
	got, err := count.Result(t.Context(), run)
	if err != nil || got != 7 {
		t.Errorf("result = %d, %v, want 7", got, err)
	}
}

func TestClusterShowsWhatRan(t *testing.T) {
	t.Parallel()
	flaky := pipeline.Func0("flaky", func(ctx context.Context) (int, error) {
		if pipeline.AttemptInfo(ctx).Attempt < 3 {
			return 0, errors.New("not yet")
		}
		return 1, nil
	}).Retry(pipeline.Retry{MaxRetries: 2})
	doomed := pipeline.Func("doomed", func(context.Context, int) (int, error) { return 0, errors.New("no way") }, flaky)
	never := pipeline.Func("never", func(_ context.Context, n int) (int, error) { return n, nil }, doomed)
	p := pipeline.New("p").Step(never)
	c := k8sorchtest.New(t, p)
	run, err := c.Run(t.Context(), p)
	var failed *pipeline.RunError
	if !errors.As(err, &failed) || failed.Run != run {
		t.Fatalf("Run() = %v, want a *RunError of the run", err)
	}
	got := map[string]pipeline.Outcome{}
	for _, s := range run.Steps {
		got[s.Name] = s.Outcome
	}
	want := map[string]pipeline.Outcome{"flaky": pipeline.Succeeded, "doomed": pipeline.Failed, "never": pipeline.Skipped}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"flaky", "flaky", "flaky", "doomed"}, c.Started()); diff != "" {
		t.Errorf("started (-want +got):\n%s", diff)
	}
}
