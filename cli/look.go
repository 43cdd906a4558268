package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/org/k8sorch"
)

// latest stands for the newest run, in the place of its id.
const latest = "latest"

// lookCommand fills in what the commands share that do something about runs. More are flags besides those that say where these
// are.
func (prog *program) lookCommand(
	cmd *cobra.Command, f *flags, do func(ctx context.Context, l *lookup, args []string) error, more ...*pflag.FlagSet,
) *cobra.Command {
	addGroup(cmd, groupRun, f.local())
	return prog.askCommand(cmd, f, do, more...)
}

// askCommand fills in what the commands share that do something about what is there. More are flags besides those that name the
// cluster.
func (prog *program) askCommand(
	cmd *cobra.Command, f *flags, do func(ctx context.Context, l *lookup, args []string) error, more ...*pflag.FlagSet,
) *cobra.Command {
	cmd.Flags().SortFlags = false
	addGroup(cmd, groupCluster, f.connection())
	for _, set := range more {
		addGroup(cmd, groupOutput, set)
	}
	completeFlag(cmd, "context", f.completeContext)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx, release := prog.interruptible(cmd.Context(), func() {})
		defer release()
		return failedLookup(ctx, do(ctx, prog.lookup(f), args))
	}
	return cmd
}

// addGroup adds flags to a command under a title of its help. Shells complete those that have a choice of words.
func addGroup(cmd *cobra.Command, title string, set *pflag.FlagSet) {
	set.VisitAll(func(fl *pflag.Flag) { fl.Annotations = map[string][]string{groupKey: {title}} })
	cmd.Flags().AddFlagSet(set)
	set.VisitAll(func(fl *pflag.Flag) {
		if c, ok := fl.Value.(*choice); ok {
			completeFlag(cmd, fl.Name, words(c.of...))
		}
	})
}

// lookup is a place where runs are looked up.
type lookup struct {
	*program
	orchestrator *pipeline.Orchestrator
}

func (prog *program) lookup(f *flags) *lookup {
	return prog.lookupIn(f.config, newLineView(prog.stderr, prog.style(f)))
}

func (prog *program) lookupIn(config pipeline.Config, shown view) *lookup {
	return &lookup{program: prog, orchestrator: prog.orchestrator(config, pipeline.WithEvents(shown.event))}
}

// failedLookup is notSubmitted for a command of which an interrupt leaves nothing to tell.
func failedLookup(ctx context.Context, err error) error {
	_, coded := errors.AsType[*exitError](err)
	// What was interrupted while it waited for a run says which one goes on.
	if err != nil && !coded && interrupted(ctx) && !errors.Is(err, pipeline.ErrInterrupted) {
		err = errInterrupted
	}
	return notSubmitted(ctx, err)
}

// open returns the run that the command line names first, or the newest one.
func (l *lookup) open(ctx context.Context, args []string) (*pipeline.Handle, error) {
	if len(args) > 0 && args[0] != "" && args[0] != latest {
		return l.orchestrator.Open(ctx, l.pipeline, args[0])
	}
	runs, err := l.orchestrator.List(ctx, l.pipeline)
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("finding the newest run of pipeline %q: %w", l.pipeline.Name(), pipeline.ErrNoRun)
	}
	return l.orchestrator.Open(ctx, l.pipeline, runs[0].ID)
}

// atMost refuses more arguments than a command takes, and says what they are.
func atMost(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return fmt.Errorf("there is nothing to do with argument %q; give %s", args[n], what)
		}
		return nil
	}
}

// named refuses a command line that does not name the runs it is about: these commands change something.
func named(most int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) == 0:
			return errors.New("name the run; the command list shows those that there are")
		case most > 0 && len(args) > most:
			return fmt.Errorf("there is nothing to do with argument %q; name one run", args[most])
		case slices.Contains(args, latest):
			return fmt.Errorf("name the run by its id, not as %q: another one may be the newest by now", latest)
		}
		return nil
	}
}

// usages returns examples of command lines of this program.
func (prog *program) usages(lines ...string) string {
	begin := "  " + prog.name.command + " "
	return begin + strings.Join(lines, "\n"+begin)
}
