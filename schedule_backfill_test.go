package pipeline_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

func TestBackfillMakesUpForWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "0 6 * * *", TimeZone: "Europe/Zurich"})
	past := time.Date(2025, 3, 1, 5, 0, 0, 0, time.UTC)
	s.await(t, s.Fire("train", past.Add(24*time.Hour)))
	b := pipeline.Backfill{From: past, To: past.Add(48 * time.Hour)}
	runs, err := s.Orchestrator().BackfillSchedule(t.Context(), "train", b)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.String())
	}
	want := []string{
		"run train-29013420 for 2025-03-01T06:00:00+01:00 was made and ended as Succeeded",
		"run train-29014860 for 2025-03-02T06:00:00+01:00 was there already and ended as Succeeded",
		"run train-29016300 for 2025-03-03T06:00:00+01:00 was made and ended as Succeeded",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	b.Parallel = 3
	again, err := s.Orchestrator().BackfillSchedule(t.Context(), "train", b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range again {
		if r.Made {
			t.Errorf("%s again", r)
		}
	}
	var times []string
	for _, call := range s.await(t) {
		times = append(times, call.Scheduled)
	}
	if diff := cmp.Diff([]string{"2025-03-02T05:00:00Z", "2025-03-01T06:00:00+01:00", "2025-03-03T06:00:00+01:00"}, times); diff != "" {
		t.Errorf("calls of the step (-want +got):\n%s", diff)
	}
}

func TestBackfillRefusesRanges(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.schedule(t, pipeline.Schedule{Cron: "* * * * *"})
	past := time.Date(2025, 3, 1, 5, 0, 0, 0, time.UTC)
	for want, b := range map[string]pipeline.Backfill{
		"is no range":               {},
		"the earlier first":         {From: past, To: past.Add(-time.Hour)},
		"is yet to come":            {From: past, To: time.Now().Add(time.Hour)},
		"more than 1000 firings":    {From: past, To: past.Add(24 * time.Hour)},
		"2025-03-02T05:00:00Z: tak": {From: past, To: past.Add(24 * time.Hour)},
	} {
		if runs, err := s.Orchestrator().BackfillSchedule(t.Context(), "train", b); err == nil || !strings.Contains(err.Error(), want) || runs != nil {
			t.Errorf("runs %v, error %v, want one with %q", runs, err, want)
		}
	}
}

func TestBackfillThatIsInterrupted(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	hang := pipeline.Func0("hang", func(ctx context.Context) (int, error) {
		close(begun)
		<-ctx.Done()
		return 0, context.Cause(ctx)
	})
	p := pipeline.New("train").Step(hang)
	c := k8sorchtest.New(t, p)
	if _, err := c.Orchestrator().Schedule(c.Context(t.Context()), p, pipeline.Schedule{Cron: "@daily"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	past := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	runs, err := c.Orchestrator().BackfillSchedule(ctx, "train", pipeline.Backfill{From: past, To: past.Add(72 * time.Hour)})
	want := []pipeline.BackfilledRun{{Run: "train-29013120", Scheduled: past, Made: true}}
	if diff := cmp.Diff(want, runs); diff != "" || !errors.Is(err, pipeline.ErrInterrupted) {
		t.Errorf("error %v, runs (-want +got):\n%s", err, diff)
	}
}
