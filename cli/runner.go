package cli

import (
	"context"

	"github.com/org/k8sorch"
)

// runner is what the commands need of a [pipeline.Orchestrator]; tests have others.
type runner interface {
	// Run makes a run. There is no run where it could not be submitted, and where this process is a pod or child process
	// that has done its work.
	Run(ctx context.Context, p *pipeline.Pipeline, opts ...pipeline.RunOption) (*pipeline.Run, error)
	// Retry is Run for a run that did not succeed.
	Retry(ctx context.Context, p *pipeline.Pipeline, run string, opts ...pipeline.RunOption) (*pipeline.Run, error)
	Render(ctx context.Context, p *pipeline.Pipeline, opts ...pipeline.RunOption) ([]byte, error)
	RBAC(ctx context.Context, p *pipeline.Pipeline, opts ...pipeline.RunOption) ([]byte, error)
	SubmitterRBAC(ctx context.Context, p *pipeline.Pipeline, user string, opts ...pipeline.RunOption) ([]byte, error)
}

// orchestrator is a [pipeline.Orchestrator] that waits.
type orchestrator struct{ *pipeline.Orchestrator }

// Retry implements [runner].
func (o orchestrator) Retry(ctx context.Context, p *pipeline.Pipeline, run string, opts ...pipeline.RunOption) (*pipeline.Run, error) {
	h, err := o.Orchestrator.Retry(ctx, p, run, opts...)
	if err != nil || h == nil {
		return nil, err
	}
	return h.WaitIfSynchronous(ctx)
}
