package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (prog *program) stopCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	now, reason := false, ""
	set := newFlagSet()
	set.BoolVar(&now, "now", false, "stop the steps that are running, too")
	set.StringVar(&reason, "reason", "stopped by hand", "why, in a few `words`, which the run tells")
	cmd := &cobra.Command{
		Use: "stop RUN", Short: "Ask a run to end", Args: named(1),
		Long: `Asks a run to end. The steps that are running are let finish, and nothing else begins; with --now they are stopped as well. The
command does not wait for the end: the command watch does. A run of child processes is stopped by interrupting the process that
began it.`,
		Example:           prog.usages("stop "+prog.exampleRun(), "stop "+prog.exampleRun()+" --now --reason 'wrong data'"),
		ValidArgsFunction: prog.completeRuns(f, 1, false),
	}
	return prog.lookCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		h, err := l.open(ctx, args)
		if err != nil {
			return err
		}
		run, err := h.Status(ctx)
		if err != nil {
			return err
		}
		if run.Outcome != "" {
			fmt.Fprintf(prog.stderr, "Run %s has ended already: %s.\n", h.ID, run.Outcome)
			return nil
		}
		stop, told := h.Drain, "is to end with what is running"
		if now {
			stop, told = h.Stop, "is to end at once"
		}
		if err := stop(ctx, reason); err != nil {
			return err
		}
		fmt.Fprintf(prog.stderr, "Run %s %s.\n  follow it:  %s\n", h.ID, told, prog.command(f.config, "watch", h.ID))
		return nil
	}, set)
}
