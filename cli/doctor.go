package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) doctorCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "doctor", Short: "Check that runs would find what they need, and say what to do", Args: noArguments,
		Long: `Checks the cluster and the namespace, your rights, the service accounts, the registry, the artifact store, and whether the namespace
admits the pods of a run with the same flags. Nothing is made: pods are created in a dry run. It ends with exit code 1 when a check
has failed.`,
		Example: prog.usages("doctor --context kind-dev --registry localhost:5001", "doctor -n ml -o json"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return prog.doctor(cmd.Context(), f) },
	}
	f.register(cmd, false)
	addGroup(cmd, groupOutput, f.format())
	return cmd
}

// errUnwell ends the program after a check has failed, which was printed.
var errUnwell = errors.New("a run would not find all that it needs")

func (prog *program) doctor(ctx context.Context, f *flags) error {
	ctx, release := prog.interruptible(ctx, func() {})
	defer release()
	checks, err := prog.lookup(f).orchestrator.Doctor(ctx, prog.pipeline, f.options()...)
	if err != nil {
		return failedLookup(ctx, err)
	}
	err = show(prog.stdout, f.output, checks, func(out io.Writer) error { return printChecks(out, checks) })
	for _, c := range checks {
		if c.Result == pipeline.CheckFail && err == nil {
			err = &exitError{ExitFailed, errUnwell}
		}
	}
	return err
}

// printChecks shows checks, one on each line, and remedies below.
func printChecks(out io.Writer, checks []pipeline.Check) error {
	clean := newCleaner()
	t := &table{}
	for _, c := range checks {
		t.add(string(c.Result), c.Name, clean.line(c.Message))
		if c.Remedy != "" {
			t.add("", "", "what to do: "+clean.line(c.Remedy))
		}
	}
	return t.print(out)
}
