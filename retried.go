package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// Retry runs what did not succeed of a run that is over: a new generation of the same run. Steps with a result keep it, once
// it is certain that its value is still there; all others have their budgets anew, and their attempts are numbered on. The
// hooks are run again.
//
// The program may have changed since, the functions of its steps and its settings included, but not its graph: the names of
// its nodes, how they depend on each other and the types of their values. The parameters are those of the run, and so is
// the time it is for; an option that gives a parameter another value is refused.
//
// On Kubernetes, the new generation has a Job of its own, which takes the place of the one before. In a pod or child process of
// a run, Retry does what [Orchestrator.Run] does there.
//
// The error is [ErrNoRun] for a run that is not there, [ErrNotOver] for one that goes on, and [ErrNoFailure] for one that has
// succeeded.
func (o *Orchestrator) Retry(ctx context.Context, p *Pipeline, run string, opts ...RunOption) (*Handle, error) {
	if played, err := o.playRole(ctx, "Retry", p); played || err != nil {
		return nil, err
	}
	d, err := p.freeze()
	if err != nil {
		return nil, err
	}
	given, err := givenOptions(opts)
	if err != nil {
		return nil, d.pipeline.invalid(err)
	}
	s := o.existing(d, given, run)
	h, err := s.inTrace(ctx, s.retry)
	if err != nil {
		return nil, fmt.Errorf("retrying run %s: %w", run, err)
	}
	return h, nil
}

func (s *submission) retry(ctx context.Context) (*Handle, error) {
	if s.target().Named() {
		return s.retryOnKubernetes(ctx)
	}
	return s.retryInProcesses(ctx)
}

// resume takes over from the plan of the run what a retry does not change.
func (s *submission) resume(p *plan.Plan) error {
	if err := s.checkGraph(p); err != nil {
		return err
	}
	if err := s.options.parse(s.design); err != nil {
		return s.design.pipeline.invalid(err)
	}
	for _, name := range slices.Sorted(maps.Keys(s.options.params)) {
		if value := s.options.params[name]; !sameJSON(value, p.Params[name]) {
			return fmt.Errorf("parameter %q is %s in this run and cannot be %s: the results that are kept depend on it; submit a new run instead",
				name, p.Params[name], value)
		}
	}
	s.options.params, s.options.scheduled, s.submitted = p.Params, p.Scheduled, p.Submitted
	return nil
}

// sameStore refuses another artifact store than the run has.
func sameStore(was, is string) error {
	if was == is {
		return nil
	}
	return fmt.Errorf("the artifact store of the run is %q, and not %q: set Config.Artifacts (flag --artifacts) to it", was, is)
}

func sameJSON(a, b json.RawMessage) bool {
	var compactA, compactB bytes.Buffer
	return errors.Join(json.Compact(&compactA, a), json.Compact(&compactB, b)) == nil && bytes.Equal(compactA.Bytes(), compactB.Bytes())
}

// number makes the attempts of the steps go on where those before the retry have ended.
func number(p *plan.Plan, attempts map[string]int) {
	for _, steps := range [][]engine.Step{p.Engine.Steps, p.Hooks} {
		for i := range steps {
			steps[i].Earlier = attempts[steps[i].Name]
		}
	}
}

// tellRetry says what the retry is about.
func (s *submission) tellRetry(p *plan.Plan, results map[string]record.Result, void map[string]error) {
	kept := 0
	for _, step := range p.Engine.Steps {
		if _, has := results[step.Name]; has {
			kept++
		}
	}
	s.notice(fmt.Sprintf("retrying run %s: %d of its %d %s succeeded before", s.run, kept, len(p.Engine.Steps), plural(len(p.Engine.Steps), "step")))
	for _, step := range slices.Sorted(maps.Keys(void)) {
		s.notice(fmt.Sprintf("step %q has succeeded before and is run again, because its value is not to be had: %s", step, firstLine(void[step].Error())))
	}
}
