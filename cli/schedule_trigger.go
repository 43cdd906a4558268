package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) scheduleTriggerCommand() *cobra.Command {
	f, wait := newFlags(prog.pipeline, prog.config), false
	set := newFlagSet()
	set.BoolVar(&wait, "wait", false, "follow the run to its end, as the command run does, with its exit codes")
	cmd := &cobra.Command{
		Use: "trigger NAME", Short: "Begin a run of a schedule now, and print its id", Args: oneSchedule,
		Long: `Begins a run of the schedule now, also while that is suspended, and prints the id of the run. It does not wait for it, unless it is
told to: then it shows how the run goes on, and what came of it.

` + scheduleExitCodes,
		Example: prog.scheduleExamples("trigger "+prog.pipeline.Name()+" --context kind-dev", "trigger "+prog.pipeline.Name()+" --wait --context kind-dev"),
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if !wait && (f.output == outputJSON || cmd.Flags().Changed("no-logs")) {
				return errors.New("--output json and --no-logs are about following the run: give --wait as well")
			}
			return nil
		},
	}
	prog.askCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		h, err := l.orchestrator.TriggerSchedule(ctx, prog.pipeline, args[0])
		if err != nil {
			return err
		}
		return prog.say("%s\n", h.ID)
	}, f.display())
	addGroup(cmd, groupRun, set)
	begin := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !wait {
			return begin(cmd, args)
		}
		return prog.attend(cmd.Context(), f, func(ctx context.Context, shown view) (*pipeline.Run, error) {
			return prog.triggerAndWait(ctx, f, args[0], shown)
		})
	}
	return cmd
}

// triggerAndWait begins a run of a schedule and follows it to its end.
func (prog *program) triggerAndWait(ctx context.Context, f *flags, name string, shown view) (*pipeline.Run, error) {
	h, err := prog.lookupIn(f.toFollow(), shown).orchestrator.TriggerSchedule(ctx, prog.pipeline, name)
	if err != nil {
		return nil, notSubmitted(ctx, err)
	}
	run, err := h.Wait(ctx)
	return run, notSucceeded(ctx, run, err)
}
