package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) logsCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	var q pipeline.LogQuery
	raw := false
	set := newFlagSet()
	set.BoolVarP(&q.Follow, "follow", "f", false, "wait for further lines until the step, or the run, is over")
	set.IntVar(&q.Attempt, "attempt", 0, "the `number` of the attempt (default the latest one)")
	set.IntVar(&q.Tail, "tail", 0, "begin with this `number` of the last lines of each log (default all)")
	set.BoolVar(&raw, "raw", false, "print lines as they were written, without the step's name")
	step := prog.exampleStep()
	cmd := &cobra.Command{
		Use: "logs [RUN] [STEP]", Short: "Print what a run's steps have written", Args: atMost(2, "a run and a step"),
		Long: `Prints what the steps of a run have written, or one step: that of its latest attempt, unless --attempt says otherwise. Without
RUN, or with latest, it is the newest run. A log is kept as long as its pod, and what child processes write as long as their run.`,
		Example:           prog.usages("logs --context kind-dev", "logs latest "+step+" --follow --tail 20", "logs latest "+step+" --attempt 1 --raw"),
		ValidArgsFunction: prog.completeRunAndStep(f),
	}
	return prog.lookCommand(cmd, f, func(ctx context.Context, l *lookup, args []string) error {
		h, err := l.open(ctx, args)
		if err != nil {
			return err
		}
		if len(args) > 1 {
			q.Step = args[1]
		}
		p := &logPrinter{prog: prog, narrator: newNarrator(prog.style(f)), raw: raw}
		for _, step := range prog.stepNames() {
			p.narrator.width = max(p.narrator.width, min(len(step), maxNameColumn))
		}
		if err := h.Logs(ctx, q, p.print); err != nil {
			return err
		}
		return p.err
	}, set, f.colours())
}

// logPrinter prints lines of logs to standard output, and what there is to say of them to standard error.
type logPrinter struct {
	prog     *program
	narrator *narrator
	raw      bool
	err      error
}

func (p *logPrinter) print(e pipeline.Event) {
	out, line := p.prog.stdout, p.narrator.tell(e)
	switch {
	case e.Kind != pipeline.LogLine:
		out = p.prog.stderr
	case p.raw:
		line = e.Message
	}
	if _, err := io.WriteString(out, line+"\n"); err != nil && p.err == nil {
		p.err = &exitError{ExitFailed, err}
	}
}

// exampleStep is the name of one of the pipeline's steps.
func (prog *program) exampleStep() string {
	if steps := prog.stepNames(); len(steps) > 0 {
		return steps[0]
	}
	return "STEP"
}

// stepNames are the names of the pipeline's steps and hooks.
func (prog *program) stepNames() []string {
	var names []string
	for _, s := range prog.pipeline.Steps() {
		names = append(names, s.Name)
	}
	return names
}
