package cli

import "github.com/spf13/cobra"

func (prog *program) doctorCommand() *cobra.Command {
	return &cobra.Command{Use: "doctor", Hidden: true}
}
