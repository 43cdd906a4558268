package enginetest

import (
	"context"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// Step stands in for the process of one attempt: it runs until it has a report, or leaves none. Its context ends when
// the attempt is taken away.
type Step func(ctx context.Context, role reexec.Role, records attempt.Committer) record.Report

// Work returns a step that runs a function as a pod does, and records its result itself.
func Work(f attempt.Func) Step {
	return func(ctx context.Context, role reexec.Role, records attempt.Committer) record.Report {
		return attempt.Work{Role: role, Func: f, Committer: records}.Run(ctx)
	}
}

// ReportOnly returns a step that does the same without the right to write records.
func ReportOnly(f attempt.Func) Step {
	return func(ctx context.Context, role reexec.Role, _ attempt.Committer) record.Report {
		return attempt.Work{Role: role, Func: f}.Run(ctx)
	}
}

// Ends returns a step that ends in this way.
func Ends(end record.End) Step {
	return func(context.Context, reexec.Role, attempt.Committer) record.Report { return record.Report{End: &end} }
}

// Attempts returns a step whose first attempt does what the first of steps does, and so on; the last one stands for all
// that follow.
func Attempts(steps ...Step) Step {
	return func(ctx context.Context, role reexec.Role, records attempt.Committer) record.Report {
		return steps[min(role.Attempt, len(steps))-1](ctx, role, records)
	}
}

// Step returns the stand-in for a step that behaves so.
func (b Behaviour) Step(step string) Step {
	switch b {
	case Exit3:
		return Ends(record.End{Outcome: record.Failed, Reason: "ExitCode", Message: "exited with code 3", ExitCode: 3})
	case Killed:
		return Ends(record.End{Outcome: record.Lost, Reason: "Killed", Message: "killed by somebody"})
	case Exit0:
		return func(context.Context, reexec.Role, attempt.Committer) record.Report { return record.Report{} }
	}
	return Work(b.Func(step))
}
