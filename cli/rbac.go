package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func (prog *program) rbacCommand() *cobra.Command {
	f := newFlags(prog.pipeline, prog.config)
	cmd := &cobra.Command{
		Use: "rbac", Short: "Print the service accounts and rights that runs need", Args: noArguments,
		Long: `Prints, as YAML that kubectl understands, the service accounts, Roles and RoleBindings that runs with the same flags need, and
with --submitter the least rights of a user who submits them. No cluster is asked. Somebody who may do so applies it once, before
anything has run:

  ` + prog.name.command + ` rbac -n ml --submitter ann@example.com | kubectl apply -f -

A run makes the same service accounts by itself where its user may.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return prog.rbac(cmd.Context(), f) },
	}
	addGroup(cmd, groupCluster, f.rights())
	f.register(cmd, false)
	return cmd
}

func (prog *program) rbac(ctx context.Context, f *flags) error {
	r := prog.connect(f.config, newLineView(prog.stderr, style{}).event)
	objects, err := r.RBAC(ctx, prog.pipeline, f.options()...)
	if err == nil && f.submitter != "" {
		var more []byte
		more, err = r.SubmitterRBAC(ctx, prog.pipeline, f.submitter, f.options()...)
		objects = append(append(objects, "---\n"...), more...)
	}
	if err != nil {
		return notSubmitted(ctx, err)
	}
	return prog.say("%s", objects)
}
