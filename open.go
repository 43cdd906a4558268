package pipeline

import (
	"context"
	"fmt"
	"strings"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// ErrNoRun is returned for a run that does not exist: it never did, was deleted, or is kept no longer.
var ErrNoRun = kube.ErrNoRun

// Open returns a handle on a run of the pipeline that was submitted before, by whatever process, and is on the cluster or, where
// none is named, one of child processes whose directory is in Config.Dir. The results of a run whose graph was another than the
// pipeline's is now cannot be read. A run of child processes that goes on can be stopped only by the process that began it.
func (o *Orchestrator) Open(ctx context.Context, p *Pipeline, run string) (*Handle, error) {
	s, err := o.reopen(p, run)
	if err != nil {
		return nil, err
	}
	h, err := s.look(ctx)
	if err != nil {
		return nil, fmt.Errorf("opening run %s: %w", run, err)
	}
	return h, nil
}

// look returns a handle on the run that changes nothing about it.
func (s *submission) look(ctx context.Context) (*Handle, error) {
	if !s.target().Named() {
		r, err := s.openDir()
		if err != nil {
			return nil, err
		}
		return r.handle(), nil
	}
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return r.handle(), nil
}

// reopen returns a run that was submitted before.
func (o *Orchestrator) reopen(p *Pipeline, run string) (*submission, error) {
	d, err := p.freeze()
	if err != nil {
		return nil, err
	}
	return o.existing(d, &runOptions{}, run), nil
}

// reachToLook returns the connection to the cluster where the pipeline's runs are, once that answers.
func (s *submission) reachToLook(ctx context.Context) (*kube.Connection, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	conn, err := s.connect()
	if err != nil {
		return nil, err
	}
	_, err = conn.Check(ctx)
	return conn, err
}

// open finds the run on the cluster.
func (s *submission) open(ctx context.Context) (*clusterRun, error) {
	conn, err := s.reachToLook(ctx)
	if err != nil {
		return nil, err
	}
	ref, p, err := kube.ReadRun(ctx, conn.Client, s.ref(conn.Namespace))
	if err != nil {
		return nil, err
	}
	s.submitted = p.Submitted
	return s.clusterRun(ctx, conn, ref, p), nil
}

// checkGraph refuses the plan of another graph.
func (s *submission) checkGraph(p *plan.Plan) error {
	if p.Graph.Pipeline != s.design.name {
		return fmt.Errorf("it is a run of pipeline %q, not of %q", p.Graph.Pipeline, s.design.name)
	}
	if p.Fingerprint == s.design.graph.Fingerprint() {
		return nil
	}
	return fmt.Errorf("the graph of pipeline %q has changed since run %s was submitted; use the program that submitted it:\n\t%s",
		s.design.name, s.run, strings.Join(graph.Diff(p.Graph, s.design.graph), "\n\t"))
}
