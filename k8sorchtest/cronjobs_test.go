package k8sorchtest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestFireMakesARunOfItsTime(t *testing.T) {
	t.Parallel()
	even := pipeline.Func0("even", func(ctx context.Context) (int, error) {
		at, ok := pipeline.ScheduledTime(ctx)
		if !ok || at.Day()%2 != 0 {
			return 0, errors.New("an odd day")
		}
		return at.Day(), nil
	})
	p := pipeline.New("days").Step(even)
	c := k8sorchtest.New(t, p)
	o := c.Orchestrator()
	if _, err := o.Schedule(c.Context(t.Context()), p, pipeline.Schedule{Cron: "@daily"}); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[int]pipeline.Outcome{2: pipeline.Succeeded, 3: pipeline.Failed} {
		if got := c.Await(t.Context(), c.Fire("days", time.Date(2026, 11, day, 0, 0, 0, 0, time.UTC))); got != want {
			t.Errorf("the run for day %d ended as %q, want %q", day, got, want)
		}
	}
	if _, err := o.UpdateSchedule(t.Context(), "days", pipeline.Schedule{Suspended: new(true)}); err != nil {
		t.Fatal(err)
	}
	if run := c.Fire("days", time.Date(2026, 11, 4, 0, 0, 0, 0, time.UTC)); run != "" {
		t.Errorf("a suspended schedule has fired: %s", run)
	}
	if got := c.Await(t.Context(), "days-1"); got != pipeline.Stopped {
		t.Errorf("a run that is not there ended as %q, want %q", got, pipeline.Stopped)
	}
}
