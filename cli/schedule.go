package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "schedule", Short: "Have the pipeline run by itself, on a cluster", Args: noArguments,
		Long: `Has the pipeline run at set times, by a CronJob on the cluster. Each firing is a run of its own.

` + scheduleExitCodes,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		prog.scheduleCreateCommand(), prog.scheduleListCommand(), prog.scheduleGetCommand(), prog.scheduleUpdateCommand(),
		prog.scheduleSuspendCommand("suspend", "Keep a schedule from firing", true),
		prog.scheduleSuspendCommand("resume", "Let a suspended schedule fire again", false),
		prog.scheduleDeleteCommand(), prog.scheduleRenderCommand(), prog.scheduleTriggerCommand(), prog.scheduleBackfillCommand(),
	)
	return cmd
}

const scheduleExitCodes = `Exit codes:
  0    it was done
  1    a run that was backfilled or waited for did not succeed
  2    a mistake in the command line, the parameters or the pipeline, or no such schedule; nothing was made
  3    it could not be done: the cluster, the registry, missing rights
  4    the run that was waited for was stopped
  5    the run that was waited for was not over when the timeout had passed; it goes on
  130  interrupted by a signal`

func (prog *program) scheduleCreateCommand() *cobra.Command {
	f, s := newFlags(prog.pipeline, prog.config), new(scheduleFlags)
	cmd := &cobra.Command{
		Use: "create", Short: "Make a schedule, or change the one of its name", Args: noArguments,
		Long: `Makes a schedule of the pipeline, whose runs have the image, the parameters and the settings that a run with the same flags would
have now, or makes the schedule of the same name into this one. The name is that of the pipeline, or PIPELINE-SUFFIX.`,
		Example: prog.scheduleExamples(
			`create --cron "0 6 * * 1-5" --time-zone Europe/Zurich --context kind-dev --registry localhost:5001`,
			"create --suffix nightly --cron @daily --starting-deadline 2h --context kind-dev --registry localhost:5001",
		),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return prog.create(cmd.Context(), f, s)
		},
	}
	s.register(cmd, s.suffix(), s.timing(), s.suspension())
	addGroup(cmd, groupOutput, f.format())
	f.register(cmd, false)
	return cmd
}

// create makes a schedule and shows it.
func (prog *program) create(ctx context.Context, f *flags, s *scheduleFlags) error {
	shown := prog.view(prog.style(f))
	defer shown.close()
	ctx, release := prog.interruptible(ctx, func() {})
	defer release()
	st, err := prog.orchestrator(f.config, pipeline.WithEvents(shown.event)).Schedule(ctx, prog.pipeline, s.schedule, f.options()...)
	shown.close()
	if err != nil {
		return notSubmitted(ctx, err)
	}
	return prog.showSchedule(f.output, st)
}

func (prog *program) scheduleListCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "list", Short: "Show the pipeline's schedules", Args: noArguments,
		Example: prog.scheduleExamples("list --context kind-dev", "list --context kind-dev -o json"),
	}
	return prog.askCommand(cmd, f, func(ctx context.Context, l *lookup, _ []string) error {
		all, err := l.orchestrator.Schedules(ctx)
		if err != nil {
			return err
		}
		own := slices.DeleteFunc(all, func(st pipeline.ScheduleStatus) bool { return st.Pipeline != prog.pipeline.Name() })
		return prog.showSchedules(f.output, own)
	}, f.format())
}

func (prog *program) scheduleGetCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "get NAME", Short: "Show a schedule, its next firings and what is in their way", Args: oneSchedule,
		Example: prog.scheduleExamples("get "+prog.pipeline.Name()+" --context kind-dev", "get "+prog.pipeline.Name()+" --context kind-dev -o yaml"),
	}
	return prog.askCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		st, err := l.orchestrator.FindSchedule(ctx, args[0])
		if err != nil {
			return err
		}
		return prog.showSchedule(f.output, st)
	}, f.format())
}

// oneSchedule wants the name of a schedule.
func oneSchedule(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes the name of one schedule, as `schedule list` shows them; %d are given", cmd.Name(), len(args))
	}
	return nil
}

func (prog *program) scheduleExamples(examples ...string) string {
	var lines []string
	for _, example := range examples {
		lines = append(lines, "  "+prog.name.command+" schedule "+example)
	}
	return strings.Join(lines, "\n")
}
