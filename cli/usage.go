package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groupKey is the annotation that puts a flag into a group of the help.
const groupKey = "k8sorch_group"

// usage prints the usage of a command with its flags in groups.
func usage(cmd *cobra.Command) error {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s [command] [flags]\n", cmd.CommandPath())
	} else {
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	}
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	commandList(&b, cmd)
	for _, title := range []string{groupSchedule, groupParams, groupCluster, groupImage, groupRun, groupOutput, ""} {
		flagList(&b, cmd, title)
	}
	_, err := fmt.Fprint(cmd.OutOrStderr(), b.String())
	return err
}

func commandList(b *strings.Builder, cmd *cobra.Command) {
	if !cmd.HasAvailableSubCommands() {
		return
	}
	b.WriteString("\nCommands:\n")
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			fmt.Fprintf(b, "  %s  %s\n", pad(sub.Name(), sub.NamePadding()), sub.Short)
		}
	}
}

// flagList prints the flags of one group; the one without a title has the flags that nobody put into any.
func flagList(b *strings.Builder, cmd *cobra.Command, title string) {
	set := newFlagSet()
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if group := f.Annotations[groupKey]; title == "" && group == nil || len(group) == 1 && group[0] == title {
			set.AddFlag(f)
		}
	})
	if !set.HasAvailableFlags() {
		return
	}
	if title == "" {
		title = "Other"
	}
	fmt.Fprintf(b, "\n%s:\n%s", title, set.FlagUsages())
}
