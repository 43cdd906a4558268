package cli

import (
	"errors"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	batchv1 "k8s.io/api/batch/v1"

	"github.com/org/k8sorch"
)

// groupSchedule is the title of the group of a schedule's own flags.
const groupSchedule = "Schedule"

// scheduleFlags are those of the commands about schedules, besides those of runs, and what they say.
type scheduleFlags struct{ schedule pipeline.Schedule }

// register adds the flags to a command, in this order.
func (s *scheduleFlags) register(cmd *cobra.Command, sets ...*pflag.FlagSet) {
	cmd.Flags().SortFlags = false
	for _, set := range sets {
		addGroup(cmd, groupSchedule, set)
	}
	completeFlag(cmd, "concurrency-policy", words(string(batchv1.ForbidConcurrent), string(batchv1.AllowConcurrent), string(batchv1.ReplaceConcurrent)))
}

// isScheduleFlag tells whether a flag with which runs are scheduled has the name.
func isScheduleFlag(name string) bool {
	s := new(scheduleFlags)
	for _, set := range []*pflag.FlagSet{s.suffix(), s.timing(), s.suspension()} {
		if set.Lookup(name) != nil {
			return true
		}
	}
	return false
}

func (s *scheduleFlags) suffix() *pflag.FlagSet {
	set := newFlagSet()
	set.StringVar(&s.schedule.Suffix, "suffix", "", "call the schedule PIPELINE-`SUFFIX`, to tell it from others of the pipeline")
	return set
}

// timing are the flags that say when a schedule fires.
func (s *scheduleFlags) timing() *pflag.FlagSet {
	set := newFlagSet()
	set.StringVar(&s.schedule.Cron, "cron", "", "fire at the times of this cron `expression`, such as \"0 6 * * 1-5\" or @daily")
	set.StringVar(&s.schedule.TimeZone, "time-zone", "", "the expression is in this `zone`, such as Europe/Zurich (default UTC)")
	set.StringVar((*string)(&s.schedule.ConcurrencyPolicy), "concurrency-policy", "",
		"what to do while an earlier run goes on, by `policy`: Forbid, Allow or Replace (default Forbid)")
	set.Func("starting-deadline", "begin a run this `duration` late at most (default by the interval, 200s to 1h)", func(text string) error {
		d, err := time.ParseDuration(text)
		if err != nil {
			return errors.New("give a duration, such as 30m")
		}
		s.schedule.StartingDeadline = new(int(d.Seconds()))
		return nil
	})
	set.Func("successful-history-limit", "keep this `number` of runs that succeeded (default 3)", number(&s.schedule.SuccessfulRunsHistoryLimit))
	set.Func("failed-history-limit", "keep this `number` of runs that did not succeed (default 1)", number(&s.schedule.FailedRunsHistoryLimit))
	return set
}

func number(into **int) func(string) error {
	return func(text string) error {
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("give a whole number, such as 3")
		}
		*into = &n
		return nil
	}
}

func (s *scheduleFlags) suspension() *pflag.FlagSet {
	set := newFlagSet()
	set.BoolFunc("suspended", "keep the schedule from firing (default as it is)", func(text string) error {
		suspended, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("give true or false")
		}
		s.schedule.Suspended = &suspended
		return nil
	})
	return set
}
