package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/types"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
)

// deadlineMessage says why a run is stopped that has taken too long.
func deadlineMessage(limit time.Duration) string {
	return fmt.Sprintf("the run's deadline of %s has passed", limit)
}

// keepDeadline has the run stopped once it has taken as long as it may. What it began is over when end returns.
//
// How long the run has been going is known to the cluster up to the creation of this pod, and from the start of this
// process by its own clock. What lies between the two, the start of the pod, is not counted.
func keepDeadline(
	ctx context.Context, conn *kube.Connection, ref kube.Ref, role reexec.Role, p *plan.Plan, logger *zap.Logger,
) (end func(), err error) {
	limit := p.Kubernetes.Deadline
	if limit == 0 {
		return func() {}, nil
	}
	began := time.Now()
	elapsed, err := kube.Elapsed(ctx, conn.Client, ref, types.UID(role.UID))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() {
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(began.Add(limit - elapsed))):
			// The only error is that of a context that ended.
			_ = kube.DecideStop(ctx, conn.Client, ref, p, deadlineMessage(limit), logger)
		}
	})
	return func() {
		cancel()
		keeping.Wait()
	}, nil
}
