package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) getCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "get [RUN]", Short: "Show a run and its steps as they are now", Args: atMost(1, "one run"),
		Long: `Shows where a run stands and where each of its steps does, how those ended that are over, and why those wait that wait.
Without RUN, or with latest, it is the newest run.`,
		Example:           prog.usages("get --context kind-dev", "get "+prog.exampleRun()+" -o yaml"),
		ValidArgsFunction: prog.completeRuns(f, 1, true),
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
		return show(prog.stdout, f.output, run, func(out io.Writer) error { return printStatus(out, run, prog.now()) })
	}, f.format())
}

// printStatus shows a run that may go on.
func printStatus(out io.Writer, run *pipeline.Run, now time.Time) error {
	s := summary{run: run, cleaner: newCleaner(), now: now}
	var b strings.Builder
	fmt.Fprintf(&b, "Run %s: %s, submitted %s ago", run.ID, stateOrOutcome(string(run.State), run.Outcome), duration(now.Sub(run.Submitted)))
	if took := span(run.Submitted, run.Finished); took != "" {
		fmt.Fprintf(&b, ", took %s", took)
	}
	b.WriteString("\n")
	if run.Message != "" {
		fmt.Fprintf(&b, "%s\n", s.cleaner.line(run.Message))
	}
	b.WriteString("\n")
	s.table(&b)
	s.failures(&b)
	s.hooks(&b)
	_, err := io.WriteString(out, b.String())
	return err
}

// exampleRun is an id as runs have them.
func (prog *program) exampleRun() string { return prog.pipeline.Name() + "-261125-120000-abcde" }
