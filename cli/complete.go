package cli

import (
	"maps"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/client-go/tools/clientcmd"
)

// complete registers what shells complete the values of flags with.
func (f *flags) complete(cmd *cobra.Command) {
	completeFlag(cmd, "context", f.completeContext)
	completeFlag(cmd, "settings", completeSettingsFile)
	completeFlag(cmd, "platform", words("linux/amd64", "linux/arm64"))
	for _, info := range f.params.infos {
		if isParam(cmd.Flags().Lookup(info.Name)) {
			completeFlag(cmd, info.Name, words(kindOf(info.Type).values...))
		}
	}
}

func completeFlag(cmd *cobra.Command, name string, complete cobra.CompletionFunc) {
	if cmd.Flags().Lookup(name) != nil {
		// The only errors are a flag that is not there and one that has a completion already.
		_ = cmd.RegisterFlagCompletionFunc(name, complete)
	}
}

func words(all ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(all, cobra.ShellCompDirectiveNoFileComp)
}

// completeContext lists the contexts of the kubeconfig that would be used.
func (f *flags) completeContext(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.config.Kubeconfig
	// Reading must not write: migration would move files of long ago.
	rules.MigrationRules = nil
	config, err := rules.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	return slices.Sorted(maps.Keys(config.Contexts)), cobra.ShellCompDirectiveNoFileComp
}
