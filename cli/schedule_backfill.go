package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/org/k8sorch"
)

// backfillFlags are those of the command backfill.
type backfillFlags struct {
	from, to string
	parallel int
}

func (b *backfillFlags) set() *pflag.FlagSet {
	set := newFlagSet()
	set.StringVar(&b.from, "from", "", "make up for firings from this `time` on, in the schedule's zone: 2026-11-01, \"2026-11-01 06:00\" or RFC 3339")
	set.StringVar(&b.to, "to", "", "make up for firings up to this `time`")
	set.IntVar(&b.parallel, "parallel", 1, "let this `number` of runs go on at once")
	return set
}

func (prog *program) scheduleBackfillCommand() *cobra.Command {
	f, b := newFlags(prog.pipeline, prog.config), &backfillFlags{}
	cmd := &cobra.Command{
		Use: "backfill NAME", Short: "Make up for the firings of a range that have no run", Args: oneSchedule,
		Long: `Makes a run for each firing of the range that has none, the earliest first, and waits for their ends. When it is interrupted, the
runs that have begun go on; the same command makes those that are missing.`,
		Example: prog.scheduleExamples("backfill " + prog.pipeline.Name() + " --from 2026-11-01 --to 2026-11-07 --context kind-dev"),
		// What is no time is told before the cluster is asked for the zone.
		PreRunE: func(*cobra.Command, []string) error {
			_, err := b.rangeIn(time.UTC)
			return err
		},
	}
	addGroup(cmd, groupSchedule, b.set())
	return prog.askCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		return l.backfill(ctx, f, b, args[0])
	}, f.format())
}

func (l *lookup) backfill(ctx context.Context, f *flags, b *backfillFlags, name string) error {
	st, err := l.orchestrator.FindSchedule(ctx, name)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(st.Schedule.TimeZone)
	if err != nil {
		return fmt.Errorf("reading the time zone of schedule %s: %w", name, err)
	}
	given, err := b.rangeIn(zone)
	if err != nil {
		return err
	}
	runs, err := l.orchestrator.BackfillSchedule(ctx, name, given)
	if err != nil {
		return err
	}
	return errors.Join(l.showBackfill(f.output, runs), unsuccessful(runs))
}

// rangeIn returns the range, whose times are in a zone unless they say otherwise.
func (b *backfillFlags) rangeIn(zone *time.Location) (pipeline.Backfill, error) {
	from, err := timeIn("from", b.from, zone)
	if err != nil {
		return pipeline.Backfill{}, err
	}
	to, err := timeIn("to", b.to, zone)
	if err != nil {
		return pipeline.Backfill{}, err
	}
	return pipeline.Backfill{From: from, To: to, Parallel: b.parallel}, nil
}

func timeIn(flag, text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--%s: %q is no time; give one such as 2026-11-01, \"2026-11-01 06:00\" or 2026-11-01T06:00:00Z", flag, text)
}

func (prog *program) showBackfill(output string, runs []pipeline.BackfilledRun) error {
	// An empty list, not null.
	return show(prog.stdout, output, append([]pipeline.BackfilledRun{}, runs...), func(out io.Writer) error {
		if len(runs) == 0 {
			_, err := fmt.Fprintln(out, "There is no firing in that range.")
			return err
		}
		t := &table{}
		t.add("RUN", "SCHEDULED", "MADE", "OUTCOME")
		for _, r := range runs {
			t.add(r.Run, moment(r.Scheduled, ""), yesNo(r.Made), string(r.Outcome))
		}
		return t.print(out)
	})
}

// unsuccessful returns an error for runs that did not succeed.
func unsuccessful(runs []pipeline.BackfilledRun) error {
	var failed []string
	for _, r := range runs {
		if r.Outcome != pipeline.Succeeded {
			failed = append(failed, r.Run)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &exitError{ExitFailed, fmt.Errorf("not all runs have succeeded: %s", strings.Join(failed, ", "))}
}
