package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func (prog *program) submitCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "submit", Short: "Submit a run to a cluster and print its id, without waiting for it", Args: noArguments,
		Long: `Submits a run as the command run does, prints its id, and does not wait for its end. There has to be a cluster: a run of child
processes would end with this one.`,
		Example: prog.usages("submit --context kind-dev --registry localhost:5001"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return prog.submit(cmd.Context(), f) },
	}
	f.register(cmd, false)
	return cmd
}

// submit makes a run and prints its id.
func (prog *program) submit(ctx context.Context, f *flags) error {
	shown := prog.view(prog.style(f))
	defer shown.close()
	ctx, release := prog.interruptible(ctx, func() {})
	defer release()
	l := prog.lookupIn(f.config, shown)
	if !l.orchestrator.OnCluster() {
		return &exitError{ExitUsage, errors.New("submit needs a cluster, since a run of child processes would end with this process: " +
			"name one with --context, --kubeconfig or --in-cluster")}
	}
	h, err := l.orchestrator.Submit(ctx, prog.pipeline, f.options()...)
	shown.close()
	if err != nil {
		return notSubmitted(ctx, err)
	}
	fmt.Fprintln(prog.stderr, prog.goesOn(f.config, "", h.ID))
	if _, err := fmt.Fprintln(prog.stdout, h.ID); err != nil {
		return &exitError{ExitFailed, fmt.Errorf("writing the run's id: %w", err)}
	}
	return nil
}
