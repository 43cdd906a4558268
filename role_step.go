package pipeline

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/process"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// playStep runs one attempt of a step, leaves its report and returns the exit code.
func (o *Orchestrator) playStep(ctx context.Context, role reexec.Role, d *design, problem error) int {
	logger := o.roleLogger()
	span := &attemptSpan{}
	report := o.runStep(ctx, role, d, problem, logger, span)
	if err := attempt.WriteReport(role, report); err != nil {
		logger.Error("the attempt's report is lost", zap.Error(err))
	}
	span.over(report)
	return attempt.ExitCode(report)
}

func (o *Orchestrator) runStep(
	ctx context.Context, role reexec.Role, d *design, problem error, logger *zap.Logger, span *attemptSpan,
) record.Report {
	ctx, cancel := attempt.NotifyTerm(ctx)
	defer cancel()
	if role.Namespace == "" {
		if err := process.DieWithParent(); err != nil {
			return attempt.Fail(ctx, err)
		}
	}
	if problem != nil {
		return unfit(problem)
	}
	work, p, err := o.prepareWork(ctx, role, d, logger)
	var mismatch *mismatchError
	switch {
	case errors.As(err, &mismatch):
		return unfit(err)
	case err != nil:
		return attempt.Fail(ctx, err)
	}
	ctx, release := attempt.WithReason(ctx, role, o.closedRecord(role))
	defer release()
	info := Info{Run: role.Run, Pipeline: role.Pipeline, Step: role.Step, Attempt: role.Attempt, UID: role.UID}
	ctx = span.start(ctx, o.tracing, p.Trace, info)
	work.Metadata = attempt.NewMetadata()
	ctx = context.WithValue(ctx, metadataKey{}, work.Metadata)
	ctx, said := withProgress(ctx, info)
	defer said()
	return work.Run(withToken(attemptContext(ctx, info, p.Scheduled, logger), role.Token))
}

// unfit reports that this program cannot run the step, in whatever attempt.
func unfit(err error) record.Report {
	return record.Report{End: &record.End{Outcome: record.Failed, Reason: "GraphMismatch", Message: err.Error(), Permanent: true}}
}

// prepareWork gathers what the attempt needs.
func (o *Orchestrator) prepareWork(
	ctx context.Context, role reexec.Role, d *design, logger *zap.Logger,
) (attempt.Work, *plan.Plan, error) {
	read, err := o.given(ctx, role, d)
	if err != nil {
		return attempt.Work{}, nil, err
	}
	p, err := readPlan(role, d, read)
	if err != nil {
		return attempt.Work{}, nil, err
	}
	n, ok := d.node(role.Step)
	if !ok || n.kind != graph.Step {
		return attempt.Work{}, nil, fmt.Errorf("pipeline %q has no step %q", d.name, role.Step)
	}
	store, err := o.store(ctx, p.Artifacts)
	if err != nil {
		return attempt.Work{}, nil, err
	}
	inputs, err := readInputs(read, p, n, store)
	if err != nil {
		return attempt.Work{}, nil, err
	}
	sealed, err := cacheRecord(p, role, inputs)
	if err != nil {
		return attempt.Work{}, nil, err
	}
	return attempt.Work{
		Role: role, Func: n.call, RetryIf: n.retry.If, Inputs: inputs, Store: store, Committer: o.committer(role, p, store, logger), Logger: logger,
		Cache: sealed, Recall: o.recall(role, p, sealed, store),
	}, p, nil
}

// readInputs returns the step's arguments: parameters from the plan, values of other steps from their records. A hook has the
// record of the run's end.
func readInputs(read attempt.ReadFile, p *plan.Plan, n *node, store ArtifactStore) ([]attempt.Input, error) {
	if n.hook != "" {
		return endInput(read)
	}
	var inputs []attempt.Input
	for _, up := range n.inputs {
		if up.kind == graph.Param {
			value, err := up.param.encode(p.Params[up.name])
			if err != nil {
				return nil, fmt.Errorf("loading param %q: %w", up.name, err)
			}
			inputs = append(inputs, attempt.NewInput(up.name, value))
			continue
		}
		in, err := attempt.InputOf(up.name, read, store)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, in)
	}
	return inputs, nil
}

// committer returns what makes the step's record. A pod without a token can only report its result.
func (o *Orchestrator) committer(role reexec.Role, p *plan.Plan, store ArtifactStore, logger *zap.Logger) attempt.Committer {
	if role.Namespace == "" {
		return process.NewCommitter(role.Dir, store)
	}
	conn, err := o.connectPod(role)
	if err != nil {
		logger.Info("no access to the API server, the result travels in the termination message", zap.Error(err))
		return nil
	}
	return kube.NewCommitter(conn.Client, kube.RefOf(role), p)
}
