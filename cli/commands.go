package cli

import (
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

// Commands returns the commands of a pipeline, to hang under a command of a program that has a tree of its own:
//
//	func main() {
//		if err := orchestrator.Dispatch(ctx, train); err != nil { … }
//		root.AddCommand(trainCommand)
//		trainCommand.AddCommand(cli.Commands(train)...)
//		os.Exit(cli.ExitCode(root.Execute()))
//	}
//
// The pods and child processes of a run are processes of the same program without arguments: main has to call
// [pipeline.Orchestrator.Dispatch] with all pipelines before it looks at its own. The commands print to the writers of the
// tree and return their errors; [ExitCode] tells the code of each. They are called once in a process.
func Commands(p *pipeline.Pipeline, opts ...Option) []*cobra.Command {
	prog := newProgram(p, opts...)
	prog.name = invocation{name: placeholder, command: placeholder}
	verbs := prog.verbs()
	for _, verb := range verbs {
		prog.hang(verb, verb)
	}
	return verbs
}

// ExitCode returns the exit code that belongs to an error of one of the [Commands]: one of the codes above, and [ExitUsage]
// for an error that is none of theirs.
func ExitCode(err error) int { return exitCode(err) }

// placeholder stands in help texts for how the commands are called, which is known once they hang somewhere.
const placeholder = "<program>"

// hang prepares a command, and those below it, to be one of another program's tree. The verb is the uppermost of them.
func (prog *program) hang(cmd, verb *cobra.Command) {
	cmd.SilenceUsage = true
	cmd.SetUsageFunc(usage)
	help := cmd.HelpFunc()
	cmd.SetHelpFunc(func(c *cobra.Command, args []string) {
		path := verb.Parent().CommandPath()
		c.Long, c.Example = strings.ReplaceAll(c.Long, placeholder, path), strings.ReplaceAll(c.Example, placeholder, path)
		help(c, args)
	})
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(c *cobra.Command, args []string) error {
			prog.name = invocation{name: c.Root().Name(), command: verb.Parent().CommandPath()}
			prog.stdout, prog.stderr = c.OutOrStdout(), c.ErrOrStderr()
			if prog.stderr != os.Stderr {
				prog.screen = nil
			}
			return run(c, args)
		}
	}
	for _, sub := range cmd.Commands() {
		prog.hang(sub, verb)
	}
}
