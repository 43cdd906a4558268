package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) runCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "run", Short: "Run the pipeline (what happens without a command, too)", Args: noArguments,
		Long: fmt.Sprintf("Submits a run of pipeline %q and follows it to its end, unless it is told to --detach.\n\n%s\n\n%s",
			prog.pipeline.Name(), whereRunsGo, exitCodes),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return prog.attend(cmd.Context(), f, func(ctx context.Context, shown view) (*pipeline.Run, error) {
				return prog.follow(ctx, f, shown, prog.begin(f))
			})
		},
	}
	f.register(cmd, true)
	return cmd
}

const exitCodes = `Exit codes:
  0    the run succeeded
  1    the run ended without success, or its report could not be made
  2    a mistake in the command line, the parameters or the pipeline; nothing was made
  3    the run could not be submitted: the cluster, the registry, missing rights
  4    the run was stopped
  5    the run was not over when the timeout had passed; it goes on
  130  interrupted by a signal`

// begin makes a run and waits for its end, where it is one to be waited for.
type begin func(ctx context.Context, r runner) (*pipeline.Run, error)

func (prog *program) begin(f *flags) begin {
	return func(ctx context.Context, r runner) (*pipeline.Run, error) {
		return r.Run(ctx, prog.pipeline, f.options()...)
	}
}

// attend shows how a run goes on, which follow makes or finds, and what came of it.
func (prog *program) attend(ctx context.Context, f *flags, follow func(context.Context, view) (*pipeline.Run, error)) error {
	s := prog.style(f)
	shown := prog.view(s)
	defer shown.close()
	ctx, release := prog.interruptible(ctx, func() {
		shown.event(pipeline.Event{Kind: pipeline.Notice, Time: prog.now(), Message: "interrupted; once more ends this process at once"})
	})
	defer release()
	run, err := follow(ctx, shown)
	shown.close()
	if run != nil && !leftAlone(run, err) {
		summary{run: run, style: s, cleaner: newCleaner()}.print(prog.stderr)
	}
	return prog.conclude(ctx, f, run, err)
}

func (prog *program) style(f *flags) style {
	return style{colours: prog.screen != nil && !f.noColor && prog.getenv("NO_COLOR") == ""}
}

func (prog *program) view(s style) view {
	if prog.screen != nil {
		return startLiveView(prog.stderr, prog.screen, s, prog.now)
	}
	return newLineView(prog.stderr, s)
}

// follow begins a run and waits for its end, and tells the ways apart in which that fails.
func (prog *program) follow(ctx context.Context, f *flags, shown view, begin begin) (*pipeline.Run, error) {
	run, err := begin(ctx, prog.connect(f.config, shown.event))
	if run == nil {
		return nil, notSubmitted(ctx, err)
	}
	return run, notSucceeded(ctx, run, err)
}

// leftAlone tells that the run goes on without this process.
func leftAlone(run *pipeline.Run, err error) bool {
	return run.Outcome == "" && (err == nil || errors.Is(err, pipeline.ErrInterrupted) || errors.Is(err, pipeline.ErrTimeout))
}

// conclude prints what belongs on standard output.
func (prog *program) conclude(ctx context.Context, f *flags, run *pipeline.Run, err error) error {
	if f.output == outputJSON {
		d := document{Run: run}
		if err != nil {
			d.Error = err.Error()
		}
		err = errors.Join(err, show(prog.stdout, outputJSON, d, nil))
	} else if err == nil && run != nil && !leftAlone(run, err) && prog.report != nil {
		err = prog.makeReport(ctx, run)
	}
	switch code := exitCode(err); {
	case code == ExitInterrupted:
		return &exitError{code, errors.New(prog.afterInterrupt(f.config, run, err))}
	case code == ExitTimeout:
		return &exitError{code, errors.New(prog.goesOn(f.config, "Timed out.", run.ID))}
	case code == ExitSucceeded && run != nil && leftAlone(run, err):
		// There is no better place to report that standard error cannot be written to.
		_, _ = fmt.Fprintln(prog.stderr, prog.goesOn(f.config, "", run.ID))
	}
	return err
}

func (prog *program) makeReport(ctx context.Context, run *pipeline.Run) error {
	err := prog.report(ctx, run)
	switch {
	case err == nil:
		return nil
	case interrupted(ctx):
		return &exitError{ExitInterrupted, err}
	}
	return &exitError{ExitFailed, fmt.Errorf("reporting on run %s, which succeeded: %w", run.ID, err)}
}

// afterInterrupt says what became of the run.
func (prog *program) afterInterrupt(config pipeline.Config, run *pipeline.Run, err error) string {
	switch {
	case errors.Is(err, errNotFound):
		return "Interrupted before the run was found."
	case run != nil && errors.Is(err, pipeline.ErrInterrupted):
		return prog.goesOn(config, "Interrupted.", run.ID)
	case errors.Is(err, pipeline.ErrInterrupted):
		return fmt.Sprintf("Interrupted: %s.", err)
	case run == nil:
		return fmt.Sprintf("Interrupted before the run was submitted: %s.", err)
	case run.Outcome == pipeline.Succeeded:
		return fmt.Sprintf("Interrupted while reporting on run %s, which succeeded.", run.ID)
	}
	return fmt.Sprintf("Interrupted. The steps of run %s were child processes of this one and have ended.", run.ID)
}
