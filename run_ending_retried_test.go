package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	pipeline "github.com/org/k8sorch"
)

// retryAtOnce retries a run of child processes as soon as it has ended, and tries to delete it meanwhile with the handle that it
// had before.
func retryAtOnce(ctx context.Context, o *pipeline.Orchestrator, p *pipeline.Pipeline, h *pipeline.Handle, clients net.Listener) error {
	again, err := o.Retry(ctx, p, h.ID)
	if err != nil {
		return err
	}
	call, err := clients.Accept()
	if err != nil {
		return err
	}
	if err := h.Delete(ctx); !errors.Is(err, pipeline.ErrNotOver) {
		return fmt.Errorf("deleting the run while it is retried: %w", err)
	}
	if err := call.Close(); err != nil {
		return err
	}
	if _, err := again.Wait(ctx); err != nil {
		return err
	}
	if err := again.Delete(ctx); err != nil {
		return err
	}
	left, err := o.List(ctx, p)
	if slices.ContainsFunc(left, func(run pipeline.RunInfo) bool { return run.ID == h.ID }) {
		return errors.New("the run that was deleted is still listed")
	}
	fmt.Println("retried and deleted")
	return err
}
