package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) scheduleUpdateCommand() *cobra.Command {
	f, s := newFlags(prog.pipeline, prog.config), new(scheduleFlags)
	cmd := &cobra.Command{
		Use: "update NAME", Short: "Change when a schedule fires", Args: oneSchedule,
		Long: `Changes what the flags say, and leaves the rest as it is. The image, the parameters and the settings are changed by making the
schedule again, with the command create.`,
		Example: prog.scheduleExamples("update " + prog.pipeline.Name() + ` --cron "0 7 * * *" --time-zone Europe/Zurich --context kind-dev`),
		PreRunE: func(*cobra.Command, []string) error {
			if s.schedule == (pipeline.Schedule{}) {
				return errors.New("there is nothing to change: say what with flags, such as --cron @daily")
			}
			return nil
		},
	}
	s.register(cmd, s.timing(), s.suspension())
	return prog.askCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		return l.updateSchedule(ctx, f, args[0], s.schedule)
	}, f.format())
}

func (prog *program) scheduleSuspendCommand(verb, short string, suspended bool) *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: verb + " NAME", Short: short, Args: oneSchedule,
		Example: prog.scheduleExamples(verb + " " + prog.pipeline.Name() + " --context kind-dev"),
	}
	return prog.askCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		return l.updateSchedule(ctx, f, args[0], pipeline.Schedule{Suspended: &suspended})
	}, f.format())
}

func (l *lookup) updateSchedule(ctx context.Context, f *flags, name string, change pipeline.Schedule) error {
	st, err := l.orchestrator.UpdateSchedule(ctx, name, change)
	if err != nil {
		return err
	}
	return l.showSchedule(f.output, st)
}

func (prog *program) scheduleDeleteCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "delete NAME", Short: "Delete a schedule with all its runs", Args: oneSchedule,
		Long:    "Deletes a schedule and all that belongs to it: the runs that it has made, those that go on too, and their records.",
		Example: prog.scheduleExamples("delete " + prog.pipeline.Name() + " --context kind-dev"),
	}
	return prog.askCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		if err := l.orchestrator.DeleteSchedule(ctx, args[0]); err != nil {
			return err
		}
		return prog.say("Deleted schedule %s.\n", args[0])
	})
}
