package cli

import "github.com/org/k8sorch"

// document is what --output json prints: the run, and what went wrong.
type document struct {
	*pipeline.Run
	Error string `json:"error,omitempty"`
}
