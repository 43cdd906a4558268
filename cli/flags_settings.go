package cli

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/org/k8sorch"
)

// settingsFile adds the flag that reads settings of the run from a file. Other flags win over what is in files, wherever
// on the command line they are.
func (f *flags) settingsFile(set *pflag.FlagSet) {
	set.Func("settings", "refine the settings by this YAML or JSON `file`; of several, later ones win", func(path string) error {
		s, err := pipeline.LoadSettings(path)
		if err != nil {
			return err
		}
		f.files = append(f.files, pipeline.RunSettings(s))
		return nil
	})
}

// completeSettingsFile completes names of files that may hold settings.
func completeSettingsFile(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return []cobra.Completion{"yaml", "yml", "json"}, cobra.ShellCompDirectiveFilterFileExt
}
