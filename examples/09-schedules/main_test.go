package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// workingDays is the schedule that the README makes.
var workingDays = pipeline.Schedule{Cron: "0 6 * * 1-5", TimeZone: "Europe/Zurich"}

// TestRunIsAboutTheDayBeforeItsTime has a schedule fire, for a time that is long past, and reads what its run came to.
func TestRunIsAboutTheDayBeforeItsTime(t *testing.T) {
	t.Parallel()
	p, report := schedules()
	c := k8sorchtest.New(t, p)
	ctx, o := c.Context(t.Context()), c.Orchestrator()
	status, err := o.Schedule(ctx, p, workingDays)
	if err != nil {
		t.Fatal(err)
	}
	run := c.Fire(status.Name, time.Date(2026, 11, 25, 5, 0, 0, 0, time.UTC))
	if outcome := c.Await(ctx, run); outcome != pipeline.Succeeded {
		t.Fatalf("the run ended as %s", outcome)
	}
	h, err := o.Open(ctx, p, run)
	if err != nil {
		t.Fatal(err)
	}
	ended, err := h.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got, err := report.Result(ctx, ended)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Report{Day: "2026-11-24", Orders: 2400}); got != want {
		t.Errorf("the report is %v, want %v", got, want)
	}
}

// TestDaysThatWereMissedAreMadeUpFor backfills a schedule that does not fire, over a weekend, twice.
func TestDaysThatWereMissedAreMadeUpFor(t *testing.T) {
	t.Parallel()
	p, _ := schedules()
	c := k8sorchtest.New(t, p)
	ctx, o := c.Context(t.Context()), c.Orchestrator()
	status, err := o.Schedule(ctx, p, workingDays)
	if err != nil {
		t.Fatal(err)
	}
	missed := pipeline.Backfill{From: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}
	var got []string
	for range 2 {
		runs, err := o.BackfillSchedule(ctx, status.Name, missed)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range runs {
			if run.Made && run.Outcome == pipeline.Succeeded {
				got = append(got, run.Scheduled.Format(time.DateOnly))
			}
		}
	}
	if diff := cmp.Diff([]string{"2026-11-20", "2026-11-23"}, got); diff != "" {
		t.Errorf("days of the runs (-want +got):\n%s", diff)
	}
}
