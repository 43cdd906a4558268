package cli

import "github.com/spf13/cobra"

func (prog *program) scheduleRenderCommand() *cobra.Command {
	f, s := newFlags(prog.pipeline, prog.config), new(scheduleFlags)
	cmd := &cobra.Command{
		Use: "render", Short: "Print the objects that a schedule would make on the cluster", Args: noArguments,
		Long: `Prints every object that the command create would make with the same flags, as YAML that kubectl understands. No cluster is asked
and no image pushed: unless --image gives one, the image is named by --registry alone, without its digest.`,
		Example: prog.scheduleExamples("render --cron @daily --registry localhost:5001"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, release := prog.interruptible(cmd.Context(), func() {})
			defer release()
			objects, err := prog.lookup(f).orchestrator.RenderSchedule(ctx, prog.pipeline, s.schedule, f.options()...)
			if err != nil {
				return failedLookup(ctx, err)
			}
			return prog.say("%s", objects)
		},
	}
	s.register(cmd, s.suffix(), s.timing(), s.suspension())
	f.register(cmd, false)
	return cmd
}
