// Package attempt runs one attempt of a step in the present process and says how it ended. The same code does it in a
// pod, in a child process and inside a test.
//
// [Inputs] finds what the step needs, [Work.Run] runs it, [WriteReport] and [ExitCode] tell whoever started the process.
package attempt

import (
	"cmp"
	"context"
	"io"
	"time"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// Func is a step's function with its types erased: it decodes its inputs, runs, and returns how to encode its value.
type Func func(ctx context.Context, inputs []Input) (Encode, error)

// Encode writes a value. It is called once.
type Encode func(ctx context.Context, w io.Writer) error

// Committer makes the result record of a step, with the value when it is inline, and returns the record that stands:
// another one when the step had one already.
//
// An error that is [ErrNoRights] or holds a [Permanent] is an answer. After any other the call is repeated.
type Committer interface {
	Commit(ctx context.Context, result record.Result, value []byte) (record.Result, error)
}

// Work is one attempt to be run.
type Work struct {
	// Role names the attempt and bounds what it may use: Room is the most bytes its inline value may have, 0 for no
	// bound beyond [record.MaxInline], less than 0 for none at all; Grace is how long it may go on once ctx has ended,
	// 30 seconds (the default of a pod's terminationGracePeriodSeconds, k8s.io/api/core/v1) when 0.
	Role reexec.Role
	// Func is the step's function.
	Func Func
	// RetryIf tells which of the function's errors another attempt may be spared by; nil means all.
	RetryIf func(error) bool
	// Inputs are the function's arguments, in order.
	Inputs []Input
	// Store takes values that are too large to be inline; nil means that there is none.
	Store artifact.Store
	// Committer records the result; nil means that this process may only report it.
	Committer Committer
	// Cache goes into the result record; nil for a step that is not cached.
	Cache *record.Cache
	// Metadata is what the function says of the attempt while it runs; nil where nothing can be said.
	Metadata *Metadata
	// Recall looks for a value that an earlier run made; nil means that nobody is to look, or that somebody has.
	Recall Recall
	// Patience is how long Store and Committer are asked again when they cannot be reached. Defaults to 2 minutes.
	Patience time.Duration
	// Logger defaults to none.
	Logger *zap.Logger
	// Now is the clock of the record's times. Defaults to [time.Now].
	Now func() time.Time
}

const (
	defaultPatience = 2 * time.Minute
	defaultGrace    = 30 * time.Second
)

// withDefaults returns a copy with everything set that has a default.
func (w Work) withDefaults() Work {
	w.Patience = cmp.Or(w.Patience, defaultPatience)
	w.Role.Grace = cmp.Or(w.Role.Grace, defaultGrace)
	if w.Logger == nil {
		w.Logger = zap.NewNop()
	}
	if w.Now == nil {
		w.Now = time.Now
	}
	return w
}
