package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) retryCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "retry RUN", Short: "Run again what did not succeed in a run", Args: oneRun,
		Long: fmt.Sprintf(`Runs again what did not succeed of a run of pipeline %q that is over, as a part of that run. Steps that have succeeded keep
their results. The program may have changed since, its settings and the functions of its steps included, but not its graph.
The parameters are those of the run.

%s`, prog.pipeline.Name(), exitCodes),
		Example: fmt.Sprintf("  %[1]s retry %[2]s-261125-093041-k3xq7 --context kind-dev --registry localhost:5001", prog.name.command, prog.pipeline.Name()),
		RunE: func(cmd *cobra.Command, args []string) error {
			return prog.run(cmd.Context(), f, func(ctx context.Context, r runner) (*pipeline.Run, error) {
				return r.Retry(ctx, prog.pipeline, args[0], f.options()...)
			})
		},
	}
	f.register(cmd, true)
	return cmd
}

var errWhichRun = errors.New("name one run, by its id")

// oneRun takes the id of a run for the only argument.
func oneRun(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errWhichRun
	}
	return nil
}
