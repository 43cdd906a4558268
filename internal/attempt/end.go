package attempt

import (
	"context"
	"errors"
	"fmt"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/record"
)

// Fail reports an attempt under ctx that ended with err. Callers need it for what goes wrong before there is a [Work]
// to run.
func Fail(ctx context.Context, err error) record.Report {
	end := classify(ctx, err)
	return record.Report{End: &end}
}

// classify says how an attempt under ctx ended that ended with err.
func classify(ctx context.Context, err error) record.End {
	message := fmt.Sprint(err) // unlike err.Error(), it survives an Error method that panics
	if end, known := classifyArtifact(err, message); known {
		return end
	}
	if decided, ok := errors.AsType[*endError](err); ok {
		return decided.end
	}
	if terminated(ctx, err) {
		return record.End{Outcome: record.Lost, Reason: "Terminated", Message: fmt.Sprintf("%v; the step then ended with: %s", context.Cause(ctx), message)}
	}
	if _, ok := errors.AsType[*encodingError](err); ok {
		return record.End{Outcome: record.Failed, Reason: "Encoding", Message: message, Permanent: true}
	}
	return record.End{Outcome: record.Failed, Reason: "Error", Message: message, Permanent: final(err)}
}

// final tells that the step has said of its error that another attempt would meet it again.
func final(err error) bool {
	if _, permanent := errors.AsType[Permanent](err); permanent {
		return true
	}
	own, ok := errors.AsType[*stepError](err)
	return ok && own.refused()
}

// classifyArtifact knows the ends that artifacts bring about. A store that cannot be reached says nothing about the
// step. One that answers with wrong bytes, or has lost them, gives the next attempt the same answer.
func classifyArtifact(err error, message string) (record.End, bool) {
	if _, ok := errors.AsType[*artifact.UnavailableError](err); ok {
		return record.End{Outcome: record.Lost, Reason: "ArtifactStore", Message: message}, true
	}
	if _, ok := errors.AsType[*artifact.CorruptError](err); ok {
		return record.End{Outcome: record.Failed, Reason: "ArtifactCorrupt", Message: message, Permanent: true}, true
	}
	if errors.Is(err, artifact.ErrNotFound) {
		return record.End{Outcome: record.Failed, Reason: "ArtifactMissing", Message: message, Permanent: true}, true
	}
	return record.End{}, false
}

// terminated tells whether err follows from the end of ctx. An error that the step calls permanent does not, unless it
// is the context's own: a step that wraps all of its errors would otherwise turn an eviction into a failure.
func terminated(ctx context.Context, err error) bool {
	if !errors.Is(ctx.Err(), context.Canceled) {
		return false
	}
	_, permanent := errors.AsType[Permanent](err)
	return !permanent || errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(ctx))
}
