package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (prog *program) renderCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "render", Short: "Print the objects that a run would make on the cluster", Args: noArguments,
		Long: `Prints every object that a run with the same flags would make on the cluster, as YAML that kubectl understands. No cluster
is asked and no image pushed: unless --image gives one, the image is named by --registry alone, without its digest. In a
namespace where nothing ran yet, apply what the command rbac prints first.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return prog.render(cmd.Context(), f) },
	}
	f.register(cmd, false)
	return cmd
}

func (prog *program) render(ctx context.Context, f *flags) error {
	shown := newLineView(prog.stderr, style{})
	ctx, release := prog.interruptible(ctx, func() {})
	defer release()
	objects, err := prog.connect(f.config, shown.event).Render(ctx, prog.pipeline, f.options()...)
	if err != nil {
		return failedLookup(ctx, err)
	}
	return prog.say("%s", objects)
}
