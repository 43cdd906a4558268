package cli

import (
	"context"
	"os"

	"github.com/org/k8sorch"
)

// Main makes this process a command line program for the pipeline, runs it, and ends the process with one of the exit
// codes above: it does not return. Call it first thing in main; what comes before it is done in every pod of a run, too.
//
// In the pods and child processes of a run, Main does their work instead, whatever the arguments.
func Main(p *pipeline.Pipeline, opts ...Option) {
	os.Exit(newProgram(p, opts...).main(context.Background()))
}
