package cli

import (
	"context"

	"github.com/org/k8sorch"
)

// Option changes what the command line program does.
type Option interface {
	applyToProgram(*options)
}

type option func(*options)

func (f option) applyToProgram(o *options) { f(o) }

// options is what the options say.
type options struct {
	config pipeline.Config
	more   []pipeline.Option
	report func(ctx context.Context, run *pipeline.Run) error
}

// Report sets what to do after a run that succeeded, in the process that the user started: print the results, most of
// all. An error of it makes the program end with [ExitFailed]. It is not called with --output json. The default is to do
// nothing.
func Report(fn func(ctx context.Context, run *pipeline.Run) error) Option {
	return option(func(o *options) { o.report = fn })
}

// WithConfig sets the configuration that the flags refine. Its Args are not used: pods and child processes run the
// program without arguments, since parameters travel in the plan.
func WithConfig(config pipeline.Config) Option {
	return option(func(o *options) { o.config = config })
}

// With passes options on to the orchestrator, such as
//
//	cli.With(pipeline.WithArtifactStores(bucket.Open))
//
// [pipeline.WithEvents] is told of the events besides the command line, which shows them itself.
func With(opts ...pipeline.Option) Option {
	return option(func(o *options) { o.more = append(o.more, opts...) })
}
