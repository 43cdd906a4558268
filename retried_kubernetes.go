package pipeline

import (
	"context"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// Reasons for which a run cannot be retried.
var (
	// ErrNotOver is returned for a run that goes on.
	ErrNotOver = kube.ErrNotOver
	// ErrNoFailure is returned for a run that has succeeded.
	ErrNoFailure = kube.ErrNoFailure
)

// retryOnKubernetes begins a new generation of a run on the cluster.
func (s *submission) retryOnKubernetes(ctx context.Context) (*Handle, error) {
	conn, server, err := s.reachToRun(ctx)
	if err != nil {
		return nil, err
	}
	if s.earlier, err = kube.Retried(ctx, conn.Client, s.ref(conn.Namespace)); err != nil {
		return nil, err
	}
	if err := s.resume(s.earlier.Plan); err != nil {
		return nil, err
	}
	if err := s.checkValues(ctx); err != nil {
		return nil, err
	}
	s.job = s.earlier.Next
	s.tellRetry(s.earlier.Plan, s.earlier.Results, s.earlier.Void)
	if err := s.makeReady(ctx, conn); err != nil {
		return nil, err
	}
	return s.begin(ctx, conn, server)
}

// checkValues makes sure that the values of the results that are kept can be had. Those in a claim cannot be looked at from
// here: a step that finds one missing fails, and says so.
func (s *submission) checkValues(ctx context.Context) error {
	if err := sameStore(s.earlier.Plan.Artifacts, s.config.Artifacts); err != nil {
		return err
	}
	if inClaim(s.config.Artifacts) {
		return nil
	}
	store, err := s.store(ctx, s.config.Artifacts)
	if err != nil {
		return err
	}
	return s.earlier.CheckStored(ctx, store)
}

// carryOn makes the plan one of the next generation of the run, if it is one. The names of its pods and the way they are
// known as the run's have to stay: there may be pods that have ended and whose reports no orchestrator has read.
func (s *submission) carryOn(p *plan.Plan) {
	if s.earlier == nil {
		return
	}
	number(p, s.earlier.Attempts)
	was := s.earlier.Plan.Kubernetes
	p.Kubernetes.PodNamePrefix, p.Kubernetes.SkipOwners = was.PodNamePrefix, was.SkipOwners
}
