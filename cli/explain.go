package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/org/k8sorch"
	"github.com/org/k8sorch/internal/kube"
)

// explain returns what is printed about an error that ends the program.
func explain(err error, name invocation) string {
	if code := exitCode(err); code == ExitInterrupted || code == ExitTimeout {
		return err.Error() + "\n"
	}
	text := "Error: " + message(err) + "\n"
	if _, coded := errors.AsType[*exitError](err); !coded {
		text += fmt.Sprintf("Run '%s --help' for the flags.\n", name.command)
	}
	if accounts, ok := errors.AsType[*kube.AccountsError](err); ok {
		text += "\nThe manifest to apply:\n\n" + string(accounts.Manifest)
	}
	return text
}

// message returns the text of an error, without what the summary of the run has shown already.
func message(err error) string {
	text := strings.TrimSpace(err.Error())
	if _, ok := errors.AsType[*pipeline.RunError](err); ok {
		text, _, _ = strings.Cut(text, "\n")
	}
	return text
}
