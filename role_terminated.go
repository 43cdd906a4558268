package pipeline

import (
	"context"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// ErrTerminated is the cause with which the context of a step ends (see [context.Cause]) when its process is told to
// terminate, by SIGTERM: the run is stopped, or the pod is taken away, because it is evicted or preempted, or because its
// node is drained or shut down. The function may go on for the PodStopGracePeriod of the settings, and a value that it
// returns in that time counts.
var ErrTerminated = attempt.ErrTerminated

// ErrStopped is wrapped by that cause, too, when the attempt was stopped: by [Handle.Stop], by the RunDeadline of the
// settings, or because another step failed and the mode is [FailFast]. The error's text has the reason. The signal alone
// does not tell, so the record of the attempt is read, for a second at most. A step whose account may not read records, or
// that cannot reach the API server, sees ErrTerminated alone.
var ErrStopped = attempt.ErrStopped

// closedRecord returns what reads the record of the attempt that this process runs.
func (o *Orchestrator) closedRecord(role reexec.Role) attempt.ReadClosed {
	if role.Namespace == "" {
		return func(context.Context) (*record.Attempt, error) {
			return process.ReadAttempt(role.Dir, role.Step, role.Attempt)
		}
	}
	return func(ctx context.Context) (*record.Attempt, error) {
		conn, err := o.connectPod(role)
		if err != nil {
			return nil, err
		}
		return kube.ReadAttempt(ctx, conn.Client, kube.RefOf(role), role.Step, role.Attempt)
	}
}
