package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) watchCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "watch [RUN]", Short: "Follow a run to its end, as the command run does", Args: atMost(1, "one run"),
		Long: fmt.Sprintf(`Shows how a run goes on, whoever submitted it, until its end: the steps that are under way, what they log and why they wait, and
in the end what came of it, with the report of one that succeeded. Without RUN, or with latest, it is the newest run. To end this
command is not to end the run.

%s`, exitCodes),
		Example:           prog.usages("watch --context kind-dev", "watch "+prog.exampleRun()+" --no-logs"),
		ValidArgsFunction: prog.completeRuns(f, 1, true),
	}
	cmd.Flags().SortFlags = false
	addGroup(cmd, groupCluster, f.connection())
	addGroup(cmd, groupRun, f.local())
	addGroup(cmd, groupOutput, f.display())
	completeFlag(cmd, "context", f.completeContext)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return prog.attend(cmd.Context(), f, func(ctx context.Context, shown view) (*pipeline.Run, error) {
			return prog.watch(ctx, f, args, shown)
		})
	}
	return cmd
}

// errNotFound is the error of a command that was interrupted before it could follow a run.
var errNotFound = errors.New("it was not found yet")

// toFollow is the configuration for following a run that has its settings already, but for the one about logs.
func (f *flags) toFollow() pipeline.Config {
	config := f.config
	if f.settings != nil { // There are no others.
		config.Settings.StreamStepLogs = f.settings.StreamStepLogs
	}
	return config
}

// watch finds a run and follows it to its end.
func (prog *program) watch(ctx context.Context, f *flags, args []string, shown view) (*pipeline.Run, error) {
	l := prog.lookupIn(f.toFollow(), shown)
	h, err := l.open(ctx, args)
	switch {
	case err != nil && interrupted(ctx):
		return nil, &exitError{ExitInterrupted, errNotFound}
	case err != nil:
		return nil, failedLookup(ctx, err)
	}
	run, err := h.Wait(ctx)
	return run, notSucceeded(ctx, run, err)
}
