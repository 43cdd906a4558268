package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) listCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	most := 0
	set := newFlagSet()
	set.IntVar(&most, "limit", 20, "list at most this `number` of runs; 0 means all")
	cmd := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List the pipeline's runs, the newest first", Args: noArguments,
		Long: `Lists the runs of the pipeline in the namespace, whoever submitted them, the newest first. What is shown of a run comes from
its Job; the command get shows its steps. Where no cluster is named, it lists the last runs of child processes.`,
		Example: prog.usages("list --context kind-dev", "list -n ml --limit 0 -o json"),
	}
	return prog.lookCommand(cmd, f, func(ctx context.Context, l *lookup, _ []string) error {
		if most < 0 {
			return &exitError{ExitUsage, fmt.Errorf("--limit %d: give a number from 0", most)}
		}
		runs, err := l.orchestrator.List(ctx, prog.pipeline)
		if err != nil {
			return err
		}
		if most > 0 && len(runs) > most {
			runs = runs[:most]
		}
		return show(prog.stdout, f.output, runs, func(out io.Writer) error {
			if len(runs) == 0 {
				fmt.Fprintf(prog.stderr, "Pipeline %s has no runs %s.\n", prog.pipeline.Name(), l.where(f.config))
				return nil
			}
			return runTable(runs, prog.now()).print(out)
		})
	}, set, f.format())
}

// where says where runs are looked up.
func (l *lookup) where(config pipeline.Config) string {
	switch {
	case !l.orchestrator.OnCluster():
		return "of child processes; for those on a cluster, name it with --context, --kubeconfig or --in-cluster"
	case config.Namespace == "":
		return "in the namespace of the context"
	}
	return "in namespace " + config.Namespace
}

// runTable shows runs, one on each line.
func runTable(runs []pipeline.RunInfo, now time.Time) *table {
	t := &table{}
	t.add("RUN", "STATE", "AGE", "TOOK", "MESSAGE")
	clean := newCleaner()
	for _, run := range runs {
		took := span(run.Submitted, run.Finished)
		if run.Finished.IsZero() && run.State != pipeline.RunUnreadable {
			took = duration(now.Sub(run.Submitted))
		}
		t.add(run.ID, stateOrOutcome(string(run.State), run.Outcome), duration(now.Sub(run.Submitted)), took, firstLine(clean, run.Message))
	}
	return t
}

// stateOrOutcome is the outcome of what has one, else where it stands.
func stateOrOutcome(state string, o pipeline.Outcome) string {
	return cmp.Or(string(o), state, unfinished)
}
