package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/org/k8sorch"
)

// rootCommand returns the tree of commands. The root itself runs the pipeline, so that no verb is needed.
func (prog *program) rootCommand() *cobra.Command {
	root := prog.runCommand()
	root.Use = prog.name.name
	root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: prog.name.command}
	// Cobra's own check of the root's arguments knows the verbs.
	root.Args = nil
	root.Long = fmt.Sprintf("Runs pipeline %q.\n\n%s", prog.pipeline.Name(), whereRunsGo)
	root.Example = prog.examples(root.Flags())
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetUsageFunc(usage)
	root.AddCommand(prog.verbs()...)
	return root
}

// verbs returns the commands, each of which has a file of its own.
func (prog *program) verbs() []*cobra.Command {
	return []*cobra.Command{
		prog.runCommand(),
		prog.submitCommand(),
		prog.renderCommand(),
		prog.graphCommand(),
		prog.listCommand(),
		prog.getCommand(),
		prog.watchCommand(),
		prog.logsCommand(),
		prog.whyCommand(),
		prog.stopCommand(),
		prog.retryCommand(),
		prog.deleteCommand(),
		prog.scheduleCommand(),
		prog.rbacCommand(),
		prog.doctorCommand(),
		prog.versionCommand(),
	}
}

const whereRunsGo = `Each step runs as a child process of this one, unless a cluster is named: by --context, --kubeconfig or
--in-cluster, or in the program's code. There, each step is a pod, and the run goes on by itself.`

func (prog *program) examples(flags *pflag.FlagSet) string {
	examples := []string{prog.name.command}
	if with := exampleParam(prog.pipeline, flags); with != "" {
		examples = append(examples, prog.name.command+" "+with)
	}
	examples = append(examples,
		prog.name.command+" --context kind-dev --registry localhost:5001",
		prog.name.command+" render --image localhost:5001/"+prog.pipeline.Name())
	return "  " + strings.Join(examples, "\n  ")
}

// exampleParam sets the first parameter that has a flag of its own to its default.
func exampleParam(p *pipeline.Pipeline, flags *pflag.FlagSet) string {
	for _, info := range p.Parameters() {
		if isParam(flags.Lookup(info.Name)) {
			return "--" + info.Name + " " + quoted(defaultText(info))
		}
	}
	return ""
}

// noArguments refuses arguments that are not flags.
func noArguments(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return fmt.Errorf("there is nothing to do with argument %q; values are given with flags", args[0])
}
