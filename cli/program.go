package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

// program is one invocation of the command line, and what it needs of the process it lives in.
type program struct {
	options
	pipeline *pipeline.Pipeline
	// name is how the program was called, args is with what.
	name invocation
	args []string

	stdout, stderr io.Writer
	// screen is the terminal that stderr is; nil when it is none.
	screen screen
	getenv func(string) string
	now    func() time.Time
	// exit ends the process at the second signal; notify delivers signals until stop is called.
	exit   func(code int)
	notify func(chan<- os.Signal) (stop func())
	// connect returns the orchestrator of a configuration.
	connect func(config pipeline.Config, events func(pipeline.Event)) runner
}

func newProgram(p *pipeline.Pipeline, opts ...Option) *program {
	prog := &program{
		pipeline: p, name: invoked(os.Args[0]), args: os.Args[1:],
		stdout: os.Stdout, stderr: os.Stderr, screen: screenOf(os.Stderr, os.Getenv),
		getenv: os.Getenv, now: time.Now, exit: os.Exit, notify: notifySignals,
	}
	for _, opt := range opts {
		opt.applyToProgram(&prog.options)
	}
	// Not nil: with nil the pods would get this process's own arguments.
	prog.config.Args = []string{}
	prog.connect = func(config pipeline.Config, events func(pipeline.Event)) runner {
		return orchestrator{prog.orchestrator(config, pipeline.WithEvents(events))}
	}
	return prog
}

func (prog *program) orchestrator(config pipeline.Config, opts ...pipeline.Option) *pipeline.Orchestrator {
	return pipeline.NewOrchestrator(config, slices.Concat(prog.more, opts)...)
}

// main plays the role of this process, or else runs the command line, and returns the exit code. The role comes first:
// pods and child processes must never fail over arguments.
func (prog *program) main(ctx context.Context) int {
	if err := prog.orchestrator(prog.config).Dispatch(ctx, prog.pipeline); err != nil {
		return prog.fail(notSubmitted(ctx, err))
	}
	return prog.execute(ctx, prog.rootCommand())
}

// execute runs the command line and returns the exit code.
func (prog *program) execute(ctx context.Context, root *cobra.Command) int {
	root.SetArgs(prog.args)
	root.SetOut(prog.stdout)
	root.SetErr(prog.stderr)
	return prog.fail(root.ExecuteContext(ctx))
}

// fail prints an error, the only place to do so, and returns the exit code.
func (prog *program) fail(err error) int {
	if err != nil {
		fmt.Fprint(prog.stderr, explain(err, prog.name))
	}
	return exitCode(err)
}

func notifySignals(c chan<- os.Signal) (stop func()) {
	signal.Notify(c, os.Interrupt, syscall.SIGTERM)
	return func() { signal.Stop(c) }
}
