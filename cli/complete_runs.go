package cli

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

// completionPatience bounds what a shell waits for the ids of runs.
const completionPatience = 3 * time.Second

// completeRuns completes the ids of runs, for as many arguments as are taken, 0 being any number; orLatest adds the word for
// the newest one.
func (prog *program) completeRuns(f *flags, most int, orLatest bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ids := prog.runIDs(cmd.Context(), f)
		if orLatest {
			ids = append([]string{latest}, ids...)
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(args, id) })
		return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeRunAndStep completes the id of a run and then the name of a step.
func (prog *program) completeRunAndStep(f *flags) cobra.CompletionFunc {
	runs := prog.completeRuns(f, 1, true)
	return func(cmd *cobra.Command, args []string, to string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) == 1 {
			return prog.stepNames(), cobra.ShellCompDirectiveNoFileComp
		}
		return runs(cmd, args, to)
	}
}

// runIDs returns the ids of the runs on the cluster that the command line names so far; none where it cannot be asked.
func (prog *program) runIDs(ctx context.Context, f *flags) (ids []string) {
	ctx, cancel := context.WithTimeout(ctx, completionPatience)
	defer cancel()
	runs, err := prog.orchestrator(f.config, pipeline.WithEvents(func(pipeline.Event) {})).List(ctx, prog.pipeline)
	if err != nil {
		return nil
	}
	for _, run := range runs {
		ids = append(ids, run.ID)
	}
	return ids
}
