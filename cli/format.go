package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/pflag"
	"sigs.k8s.io/yaml"
)

// Values of --output of the commands that show something.
const (
	outputTable = "table"
	outputYAML  = "yaml"
)

// format returns the flag that says how something is shown.
func (f *flags) format() *pflag.FlagSet {
	f.output = outputTable
	set := newFlagSet()
	set.VarP(&choice{value: &f.output, of: []string{outputTable, outputJSON, outputYAML}}, "output", "o", "how to print it: table, json or yaml")
	return set
}

// colours returns the flag that leaves colours out.
func (f *flags) colours() *pflag.FlagSet {
	set := newFlagSet()
	set.BoolVar(&f.noColor, "no-color", false, "print no colours")
	return set
}

// show prints a value as --output says; table prints it for people.
func show(out io.Writer, output string, value any, table func(io.Writer) error) (err error) {
	switch output {
	case outputJSON:
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		err = e.Encode(value)
	case outputYAML:
		var text []byte
		if text, err = yaml.Marshal(value); err == nil {
			_, err = out.Write(text)
		}
	default:
		err = table(out)
	}
	if err != nil {
		return &exitError{ExitFailed, fmt.Errorf("writing the output: %w", err)}
	}
	return nil
}
