package pipeline

import (
	"context"
	"fmt"
	"os"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/reexec"
	"github.com/org/k8sorch/internal/roots"
)

// currentRole returns the role that ctx gives this call, or else the environment this process.
func currentRole(ctx context.Context) (reexec.Role, error) {
	if role, ok := reexec.FromContext(ctx); ok {
		return role, nil
	}
	return reexec.FromEnv()
}

// playRole does what this process is there for and ends it, if it is a pod or child process of a run of one of the pipelines.
// It then returns only when the exit was replaced. Entry is the method of the Orchestrator that main called.
func (o *Orchestrator) playRole(ctx context.Context, entry string, pipelines ...*Pipeline) (played bool, err error) {
	roots.Ensure() // before anything is asked over TLS
	role, err := currentRole(ctx)
	if err != nil || role.Kind == reexec.Client {
		return false, err
	}
	d, err := choose(role, entry, pipelines)
	switch role.Kind {
	case reexec.Probe:
		o.exit(answerProbe(role, d, err))
	case reexec.Step:
		o.exit(o.playStep(ctx, role, d, err))
	case reexec.Orchestrator:
		o.exit(o.playOrchestrator(ctx, role, d, err))
	}
	return true, nil
}

// choose returns the pipeline that this process is there for.
func choose(role reexec.Role, entry string, pipelines []*Pipeline) (*design, error) {
	var others []string
	for _, p := range pipelines {
		if p.name == role.Pipeline {
			return p.freeze()
		}
		others = append(others, fmt.Sprintf("%q", p.name))
	}
	return nil, fmt.Errorf("this process is there for pipeline %q, and main called %s with %s first; "+
		"in a program with several pipelines, call Orchestrator.Dispatch with all of them first thing in main",
		role.Pipeline, entry, strings.Join(others, ", "))
}

// readPlan reads the plan of the role's run and checks that it is about the graph that main has built here.
func readPlan(role reexec.Role, d *design, read attempt.ReadFile) (*plan.Plan, error) {
	b, err := read(plan.FileName)
	if err != nil {
		return nil, fmt.Errorf("reading plan: %w", err)
	}
	own := d.graph.Fingerprint()
	decode := plan.DecodeFor
	if role.Kind == reexec.Step {
		decode = plan.DecodeForStep
	}
	p, err := decode(d.graph, own, b)
	if err != nil {
		return nil, err
	}
	if p.Fingerprint != own {
		return nil, &mismatchError{lines: graph.Diff(p.Graph, d.graph)}
	}
	return p, nil
}

// mismatchError tells that this process has built another graph than the one submitted.
type mismatchError struct{ lines []string }

// Error shows the difference.
func (e *mismatchError) Error() string {
	return "main has built another graph here than when the run was submitted; it must not depend on the environment, " +
		"the time or chance:\n\t" + strings.Join(e.lines, "\n\t")
}

// roleLogger returns the logger of a pod or child process.
func (o *Orchestrator) roleLogger() *zap.Logger {
	if o.logger != nil {
		return o.logger
	}
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoding), zapcore.Lock(os.Stderr), zap.InfoLevel))
}

// clientLogger returns the logger of a process that submits runs.
func (o *Orchestrator) clientLogger() *zap.Logger {
	if o.logger != nil {
		return o.logger
	}
	return zap.NewNop()
}
