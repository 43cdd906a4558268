package cli

import (
	"context"

	"github.com/org/k8sorch"
)

// runner is what the commands need of a [pipeline.Orchestrator].
type runner interface {
	// Submit begins a run; its handle is nil where this process is a pod or child process that has done its work.
	Submit(ctx context.Context, p *pipeline.Pipeline, opts ...pipeline.RunOption) (handle, error)
	Render(ctx context.Context, p *pipeline.Pipeline, opts ...pipeline.RunOption) ([]byte, error)
	RBAC(ctx context.Context, p *pipeline.Pipeline, opts ...pipeline.RunOption) ([]byte, error)
	SubmitterRBAC(ctx context.Context, p *pipeline.Pipeline, user string, opts ...pipeline.RunOption) ([]byte, error)
}

// handle is what the commands need of a [pipeline.Handle].
type handle interface {
	Wait(ctx context.Context) (*pipeline.Run, error)
}

// orchestrated is the runner that programs have; tests have others.
type orchestrated struct{ *pipeline.Orchestrator }

// Submit implements runner.
func (o orchestrated) Submit(ctx context.Context, p *pipeline.Pipeline, opts ...pipeline.RunOption) (handle, error) {
	h, err := o.Orchestrator.Submit(ctx, p, opts...)
	if h == nil {
		return nil, err
	}
	return h, err
}
