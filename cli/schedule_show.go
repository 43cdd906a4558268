package cli

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/org/k8sorch"
)

// showSchedule prints one schedule.
func (prog *program) showSchedule(output string, st *pipeline.ScheduleStatus) error {
	return show(prog.stdout, output, st, func(out io.Writer) error { return scheduleTable(out, st) })
}

func scheduleTable(out io.Writer, st *pipeline.ScheduleStatus) error {
	t := &table{}
	t.add("Name", st.Name)
	t.add("Namespace", st.Namespace)
	t.add("Pipeline", st.Pipeline)
	t.add("Fires", fmt.Sprintf("%s in %s", st.Schedule.Cron, st.Schedule.TimeZone))
	t.add("Suspended", yesNo(*st.Schedule.Suspended))
	t.add("Concurrency", string(st.Schedule.ConcurrencyPolicy))
	t.add("Starting deadline", amount(st.Schedule.StartingDeadline, "none", func(n int) string { return (time.Duration(n) * time.Second).String() }))
	t.add("Runs kept", fmt.Sprintf("%s that succeeded, %s that did not",
		amount(st.Schedule.SuccessfulRunsHistoryLimit, "all", strconv.Itoa), amount(st.Schedule.FailedRunsHistoryLimit, "all", strconv.Itoa)))
	t.add("Image", st.Image)
	t.add("Last fired", moment(st.Last, "never"))
	t.add("Active runs", cmp.Or(strings.Join(st.Active, ", "), "none"))
	for i, next := range st.Next {
		name := ""
		if i == 0 {
			name = "Next firings"
		}
		t.add(name, moment(next, ""))
	}
	if err := t.print(out); err != nil {
		return err
	}
	for _, warning := range st.Warnings {
		if _, err := fmt.Fprintf(out, "Warning: %s\n", warning); err != nil {
			return err
		}
	}
	return nil
}

// showSchedules prints schedules, one on each line.
func (prog *program) showSchedules(output string, all []pipeline.ScheduleStatus) error {
	// An empty list, not null.
	return show(prog.stdout, output, append([]pipeline.ScheduleStatus{}, all...), func(out io.Writer) error {
		if len(all) == 0 {
			_, err := fmt.Fprintf(out, "There is no schedule of pipeline %s.\n", prog.pipeline.Name())
			return err
		}
		t := &table{}
		t.add("NAME", "CRON", "TIME ZONE", "SUSPENDED", "ACTIVE", "LAST FIRED", "NEXT")
		for _, st := range all {
			next := "none"
			if len(st.Next) > 0 {
				next = moment(st.Next[0], "")
			}
			t.add(st.Name, st.Schedule.Cron, st.Schedule.TimeZone, yesNo(*st.Schedule.Suspended), strconv.Itoa(len(st.Active)), moment(st.Last, "never"), next)
		}
		return t.print(out)
	})
}

// say prints on standard output.
func (prog *program) say(format string, args ...any) error {
	if _, err := fmt.Fprintf(prog.stdout, format, args...); err != nil {
		return &exitError{ExitFailed, fmt.Errorf("writing the answer: %w", err)}
	}
	return nil
}

func moment(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return t.Format("Mon 2006-01-02 15:04 -07:00")
}

func amount(n *int, none string, text func(int) string) string {
	if n == nil {
		return none
	}
	return text(*n)
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
