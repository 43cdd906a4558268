package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) whyCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "why [RUN]", Short: "Say why steps do not run or did not succeed, and what to do", Args: atMost(1, "one run"),
		Long: `Names each step of a run that neither runs nor has succeeded, with the reason, in the words of Kubernetes where those are known,
and with what can be done about it. Without RUN, or with latest, it is the newest run.`,
		Example:           prog.usages("why --context kind-dev", "why "+prog.exampleRun()+" -o json"),
		ValidArgsFunction: prog.completeRuns(f, 1, true),
	}
	return prog.lookCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		h, err := l.open(ctx, args)
		if err != nil {
			return err
		}
		explained, err := h.Why(ctx)
		if err != nil {
			return err
		}
		return show(prog.stdout, f.output, explained, func(out io.Writer) error { return printWhy(out, h.ID, explained) })
	}, f.format())
}

// printWhy shows explanations, one paragraph each.
func printWhy(out io.Writer, run string, explained []pipeline.Explanation) error {
	var b strings.Builder
	if len(explained) == 0 {
		fmt.Fprintf(&b, "Every step of run %s runs or has succeeded.\n", run)
	}
	clean := newCleaner()
	for i, e := range explained {
		if i > 0 {
			b.WriteString("\n")
		}
		title := cmp.Or(e.Step, "the orchestrator") + ": " + stateOrOutcome(e.State, e.Outcome)
		if e.Reason != "" && e.Reason != string(e.Outcome) {
			title += " (" + e.Reason + ")"
		}
		b.WriteString(title + "\n")
		for line := range strings.Lines(e.Message) {
			b.WriteString(strings.TrimRight("  "+clean.line(line), " ") + "\n")
		}
		if e.Remedy != "" {
			fmt.Fprintf(&b, "  what to do: %s\n", e.Remedy)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
