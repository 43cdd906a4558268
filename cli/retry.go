package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) retryCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "retry RUN", Short: "Run again what did not succeed in a run", Args: named(1),
		Long: fmt.Sprintf(`Runs again what did not succeed of a run of pipeline %q that is over, as a part of that run. Steps that have succeeded keep
their results. The program may have changed since, its settings and the functions of its steps included, but not its graph.
The parameters are those of the run.

%s`, prog.pipeline.Name(), exitCodes),
		Example:           prog.usages("retry "+prog.exampleRun(), "retry "+prog.exampleRun()+" --context kind-dev --registry localhost:5001"),
		ValidArgsFunction: prog.completeRuns(f, 1, false),
		RunE: func(cmd *cobra.Command, args []string) error {
			return prog.attend(cmd.Context(), f, func(ctx context.Context, shown view) (*pipeline.Run, error) {
				return prog.follow(ctx, f, shown, func(ctx context.Context, r runner) (*pipeline.Run, error) {
					return r.Retry(ctx, prog.pipeline, args[0], f.options()...)
				})
			})
		},
	}
	f.register(cmd, true)
	return cmd
}
