package kube

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// Committer lets a step record its own result.
type Committer struct{ recorder recorder }

// NewCommitter returns the committer of a run's steps. It needs the right to create and get ConfigMaps in the run's
// namespace, and of ref everything, for the records' owners. The plan is the run's.
func NewCommitter(client kubernetes.Interface, ref Ref, p *plan.Plan) *Committer {
	return &Committer{newRecorder(client, ref, p)}
}

// Commit implements [attempt.Committer].
func (c *Committer) Commit(ctx context.Context, result record.Result, value []byte) (record.Result, error) {
	_, stands, err := c.recorder.commit(ctx, result, value)
	switch {
	case err == nil:
		return stands, nil
	case Retryable(err), apierrors.IsUnauthorized(err), ctx.Err() != nil:
		// An API server that restarts does not know its callers for a moment, and a token may be about to be renewed.
		return record.Result{}, err
	case apierrors.IsForbidden(err):
		return record.Result{}, fmt.Errorf("%w: %w", attempt.ErrNoRights, err)
	}
	return record.Result{}, attempt.Permanent{Err: err}
}
