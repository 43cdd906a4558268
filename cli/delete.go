package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func (prog *program) deleteCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "delete RUN...", Short: "Delete runs, and everything that belongs to them", Args: named(0),
		Long: `Deletes runs with their pods, records and logs. A run that goes on is ended without further ado: the command stop is the
friendlier way. Values in an artifact store stay there. Of a run of child processes its directory is deleted, once it has ended.`,
		Example:           prog.usages("delete " + prog.exampleRun()),
		ValidArgsFunction: prog.completeRuns(f, 0, false),
	}
	return prog.lookCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		var failed []error
		for _, run := range args {
			h, err := l.orchestrator.Open(ctx, prog.pipeline, run)
			if err == nil {
				err = h.Delete(ctx)
			}
			if err != nil {
				failed = append(failed, err)
				continue
			}
			fmt.Fprintf(prog.stderr, "Run %s is deleted.\n", run)
		}
		return errors.Join(failed...)
	})
}
