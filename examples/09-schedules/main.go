// Schedules counts the orders of a day, and has that done by itself every working day.
package main

import (
	"context"
	"fmt"
	"time"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// choose returns the day that the run is about: the one before the time that it was scheduled for, whenever it begins. Who
// runs the pipeline by hand gives the day.
func choose(ctx context.Context, given string) (time.Time, error) {
	if given != "" {
		day, err := time.Parse(time.DateOnly, given)
		return day, pipeline.Permanent(err)
	}
	at, ok := pipeline.ScheduledTime(ctx)
	if !ok {
		at = time.Now()
	}
	return at.UTC().AddDate(0, 0, -1).Truncate(24 * time.Hour), nil
}

// Report is what a run comes to.
type Report struct {
	Day    string
	Orders int
}

// count stands for a query of a database, which gives the same for a day whenever it is asked.
func count(_ context.Context, day time.Time) (Report, error) {
	return Report{Day: day.Format(time.DateOnly), Orders: 100 * day.Day()}, nil
}

func schedules() (*pipeline.Pipeline, *pipeline.Step[Report]) {
	given := pipeline.Param("day", "").Usage("count the orders of this day, such as 2026-11-24 (default the day before)")
	day := pipeline.Func("choose", choose, given)
	report := pipeline.Func("count", count, day)
	return pipeline.New("schedules").Step(report), report
}

func main() {
	p, report := schedules()
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		r, err := report.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Println(r.Orders, "orders on", r.Day)
		return nil
	}))
}
