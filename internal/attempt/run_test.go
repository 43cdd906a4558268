package attempt_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

func TestRunRecordsTheValue(t *testing.T) {
	t.Parallel()
	c := &committer{}
	w := work(t, []byte("7"))
	w.Committer = c
	got := w.Run(t.Context())
	want := result([]byte("7"), true)
	if diff := cmp.Diff(record.Report{Result: &want, Recorded: true}, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, c.result); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if string(c.value) != "7" {
		t.Errorf("recorded value = %q, want 7", c.value)
	}
}

func TestRunPassesInputs(t *testing.T) {
	t.Parallel()
	w := work(t, nil)
	w.Inputs = []attempt.Input{attempt.NewInput("a", []byte("one")), attempt.NewInput("b", []byte("two"))}
	w.Func = func(ctx context.Context, inputs []attempt.Input) (attempt.Encode, error) {
		var all []byte
		for _, input := range inputs {
			r, err := input.Open(ctx)
			if err != nil {
				return nil, err
			}
			b, err := io.ReadAll(r)
			if err != nil {
				return nil, err
			}
			all = append(all, b...)
		}
		return encode(all), nil
	}
	if got := w.Run(t.Context()); string(got.Value) != "onetwo" {
		t.Errorf("Run() = %+v, want the value onetwo", got)
	}
}

// hostileError breaks whoever looks at it.
type hostileError struct{}

func (hostileError) Error() string { panic("no message") }

// failure is a step that fails, and how its attempt then ends.
type failure struct {
	step func(ctx context.Context) (attempt.Encode, error)
	want record.End
	says string
}

func testFailures(t *testing.T, failures map[string]failure) {
	t.Helper()
	for name, test := range failures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, nil)
			w.Func = func(ctx context.Context, _ []attempt.Input) (attempt.Encode, error) { return test.step(ctx) }
			checkEnd(t, w.Run(t.Context()), test.want, test.says)
		})
	}
}

func TestRunTellsHowAStepFailed(t *testing.T) {
	t.Parallel()
	testFailures(t, map[string]failure{
		"error": {
			func(context.Context) (attempt.Encode, error) { return nil, errors.New("no rows") },
			record.End{Outcome: record.Failed, Reason: "Error"}, "no rows",
		},
		"permanent error": {
			func(context.Context) (attempt.Encode, error) {
				return nil, fmt.Errorf("loading: %w", attempt.Permanent{Err: errors.New("no such table")})
			},
			record.End{Outcome: record.Failed, Reason: "Error", Permanent: true}, "loading: no such table",
		},
		"error that panics": {
			func(context.Context) (attempt.Encode, error) { return nil, hostileError{} },
			record.End{Outcome: record.Failed, Reason: "Error"}, "no message",
		},
		"panic": {
			func(context.Context) (attempt.Encode, error) { panic("index out of luck") },
			record.End{Outcome: record.Failed, Reason: "Panic"},
			"panic: index out of luck\n\ngithub.com/org/k8sorch/internal/attempt_test.TestRunTellsHowAStepFailed",
		},
		"nil pointer": {
			func(context.Context) (attempt.Encode, error) { var p *record.End; return nil, errors.New(p.Reason) },
			record.End{Outcome: record.Failed, Reason: "Panic"}, "nil pointer dereference",
		},
		"goexit": {
			func(context.Context) (attempt.Encode, error) { runtime.Goexit(); return nil, nil },
			record.End{Outcome: record.Failed, Reason: "Goexit"}, "runtime.Goexit",
		},
		"encoding": {
			func(context.Context) (attempt.Encode, error) {
				return func(context.Context, io.Writer) error { return errors.New("json: unsupported type: chan int") }, nil
			},
			record.End{Outcome: record.Failed, Reason: "Encoding", Permanent: true}, "chan int",
		},
		"panic while encoding": {
			func(context.Context) (attempt.Encode, error) {
				return func(context.Context, io.Writer) error { panic("bad MarshalJSON") }, nil
			},
			record.End{Outcome: record.Failed, Reason: "Panic"}, "bad MarshalJSON",
		},
	})
}

func TestRunTellsTroubleWithArtifactsFromFailure(t *testing.T) {
	t.Parallel()
	store := artifact.NewDir(t.TempDir())
	missing := artifact.Sum([]byte("never stored"))
	testFailures(t, map[string]failure{
		"corrupt input": {
			func(context.Context) (attempt.Encode, error) {
				return nil, fmt.Errorf("decoding: %w", &artifact.CorruptError{Store: "s3://b", Digest: missing, Err: errors.New("it is short")})
			},
			record.End{Outcome: record.Failed, Reason: "ArtifactCorrupt", Permanent: true}, "s3://b",
		},
		"lost input": {
			func(ctx context.Context) (attempt.Encode, error) {
				if _, err := artifact.WriteBytes(ctx, store, []byte("another")); err != nil {
					return nil, err
				}
				_, err := artifact.Open(ctx, store, missing, 12)
				return nil, err
			},
			record.End{Outcome: record.Failed, Reason: "ArtifactMissing", Permanent: true}, string(missing),
		},
		"store out of reach, though the step calls it permanent": {
			func(context.Context) (attempt.Encode, error) {
				return nil, attempt.Permanent{Err: &artifact.UnavailableError{Op: "reading", Store: "s3://b", Err: io.ErrUnexpectedEOF}}
			},
			record.End{Outcome: record.Lost, Reason: "ArtifactStore"}, "s3://b is unavailable",
		},
	})
}

// errBusy is the one error that steps of TestRetryIf are to be retried after.
var errBusy = errors.New("busy")

func TestRetryIf(t *testing.T) {
	t.Parallel()
	fail := func(err error) attempt.Func {
		return func(context.Context, []attempt.Input) (attempt.Encode, error) { return nil, err }
	}
	for name, test := range map[string]struct {
		step attempt.Func
		want record.End
		says string
	}{
		"accepted":  {fail(fmt.Errorf("asking: %w", errBusy)), record.End{Outcome: record.Failed, Reason: "Error"}, "asking: busy"},
		"refused":   {fail(errors.New("no such table")), record.End{Outcome: record.Failed, Reason: "Error", Permanent: true}, "no such table"},
		"permanent": {fail(attempt.Permanent{Err: errBusy}), record.End{Outcome: record.Failed, Reason: "Error", Permanent: true}, "busy"},
		"store out of reach": {
			fail(&artifact.UnavailableError{Op: "reading", Store: "s3://b", Err: io.ErrUnexpectedEOF}),
			record.End{Outcome: record.Lost, Reason: "ArtifactStore"}, "s3://b",
		},
		"panic": {
			func(context.Context, []attempt.Input) (attempt.Encode, error) { panic("no luck") },
			record.End{Outcome: record.Failed, Reason: "Panic"}, "no luck",
		},
		"panic of the rule": {fail(nil), record.End{Outcome: record.Failed, Reason: "Panic"}, "nil pointer dereference"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := work(t, nil)
			w.Func, w.RetryIf = test.step, func(err error) bool { return errors.Is(err, errBusy) }
			if name == "panic of the rule" {
				var p *record.End
				w.Func, w.RetryIf = fail(errBusy), func(error) bool { return p.Permanent }
			}
			checkEnd(t, w.Run(t.Context()), test.want, test.says)
		})
	}
}

// A rule that knows nothing of contexts must not turn an eviction into a failure.
func TestRetryIfIsNotAskedAboutATermination(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	w := work(t, nil)
	w.RetryIf = func(error) bool { t.Error("it is asked"); return false }
	w.Func = func(context.Context, []attempt.Input) (attempt.Encode, error) {
		cancel(attempt.ErrTerminated)
		return nil, errors.New("connection closed")
	}
	checkEnd(t, w.Run(ctx), record.End{Outcome: record.Lost, Reason: "Terminated"}, "connection closed")
}

// checkEnd compares everything but the message, of which it wants a part.
func checkEnd(t *testing.T, got record.Report, want record.End, says string) {
	t.Helper()
	if got.End == nil || got.Result != nil {
		t.Fatalf("report = %+v, want an end", got)
	}
	end := *got.End
	if !strings.Contains(end.Message, says) {
		t.Errorf("message = %q, want it to say %q", end.Message, says)
	}
	end.Message = ""
	if diff := cmp.Diff(want, end); diff != "" {
		t.Errorf("end (-want +got):\n%s", diff)
	}
}

func TestPanicMessageHoldsOnlyTheStepsFrames(t *testing.T) {
	t.Parallel()
	w := work(t, nil)
	w.Func = func(context.Context, []attempt.Input) (attempt.Encode, error) { panic("x") }
	message := w.Run(t.Context()).End.Message
	for _, frame := range []string{"gopanic", "internal/attempt.", "goexit"} {
		if strings.Contains(message, frame) {
			t.Errorf("message has a frame of %s:\n%s", frame, message)
		}
	}
}

func TestRunWhenToldToTerminate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  func(ctx context.Context) error
		want record.End
	}{
		"ends with the context": {
			func(ctx context.Context) error { return fmt.Errorf("epoch 3: %w", ctx.Err()) },
			record.End{Outcome: record.Lost, Reason: "Terminated"},
		},
		"ends with something that follows from it": {
			func(context.Context) error { return errors.New("child was killed") },
			record.End{Outcome: record.Lost, Reason: "Terminated"},
		},
		"calls the context's error permanent": {
			func(ctx context.Context) error { return attempt.Permanent{Err: ctx.Err()} },
			record.End{Outcome: record.Lost, Reason: "Terminated"},
		},
		"calls the context's cause permanent": {
			func(ctx context.Context) error { return attempt.Permanent{Err: context.Cause(ctx)} },
			record.End{Outcome: record.Lost, Reason: "Terminated"},
		},
		"had failed for good by itself": {
			func(context.Context) error { return attempt.Permanent{Err: errors.New("no such table")} },
			record.End{Outcome: record.Failed, Reason: "Error", Permanent: true},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			w := work(t, nil)
			w.Func = func(ctx context.Context, _ []attempt.Input) (attempt.Encode, error) {
				cancel(attempt.ErrTerminated)
				return nil, test.err(ctx)
			}
			checkEnd(t, w.Run(ctx), test.want, "")
		})
	}
}

func TestDeadlineOfTheCallerIsTheStepsOwn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	w := work(t, nil)
	w.Func = func(ctx context.Context, _ []attempt.Input) (attempt.Encode, error) { return nil, ctx.Err() }
	checkEnd(t, w.Run(ctx), record.End{Outcome: record.Failed, Reason: "Error"}, "deadline exceeded")
}

func TestValueOfATerminatedStepIsStillRecorded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	c := &committer{}
	w := work(t, []byte("7"))
	w.Committer = c
	inner := w.Func
	w.Func = func(ctx context.Context, in []attempt.Input) (attempt.Encode, error) {
		cancel(attempt.ErrTerminated)
		return inner(ctx, in)
	}
	if got := w.Run(ctx); !got.Recorded || string(c.value) != "7" {
		t.Errorf("Run() = %+v, want a recorded result", got)
	}
}

func TestGraceBoundsWhatComesAfterTermination(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		w := work(t, make([]byte, record.MaxReport))
		w.Role.Grace = 10 * time.Second
		w.Committer = unreachable{}
		inner := w.Func
		w.Func = func(ctx context.Context, in []attempt.Input) (attempt.Encode, error) {
			cancel(attempt.ErrTerminated)
			return inner(ctx, in)
		}
		begun := time.Now()
		checkEnd(t, w.Run(ctx), record.End{Outcome: record.Lost, Reason: "NotRecorded"}, "API server does not answer")
		if took := time.Since(begun); took >= w.Role.Grace {
			t.Errorf("took %v, which is no less than the grace of %v", took, w.Role.Grace)
		}
	})
}
