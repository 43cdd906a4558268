package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/org/k8sorch"
)

// document is what --output json prints: the run, and what went wrong.
type document struct {
	*pipeline.Run
	Error string `json:"error,omitempty"`
}

func (d document) print(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return &exitError{ExitFailed, fmt.Errorf("writing the run as JSON: %w", err)}
	}
	return nil
}
