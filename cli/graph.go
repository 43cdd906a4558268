package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/org/k8sorch"
)

func (prog *program) graphCommand() *cobra.Command {
	format := string(pipeline.GraphText)
	var formats []string
	for _, f := range pipeline.GraphFormats() {
		formats = append(formats, string(f))
	}
	set := newFlagSet()
	set.VarP(&choice{value: &format, of: formats}, "output", "o", "how to draw it: text, dot, mermaid or svg")
	cmd := &cobra.Command{
		Use: "graph", Short: "Print the pipeline's graph; no cluster is asked", Args: noArguments,
		Example: prog.usages("graph", "graph -o svg > "+prog.pipeline.Name()+".svg", "graph -o mermaid"),
		RunE: func(*cobra.Command, []string) error {
			drawn, err := prog.pipeline.Draw(pipeline.GraphFormat(format))
			if err != nil {
				return err
			}
			if _, err := io.WriteString(prog.stdout, drawn); err != nil {
				return &exitError{ExitFailed, fmt.Errorf("writing the graph: %w", err)}
			}
			return nil
		},
	}
	addGroup(cmd, groupOutput, set)
	return cmd
}
