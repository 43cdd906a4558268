package attempt

import (
	"errors"
	"fmt"

	"github.com/org/k8sorch/internal/record"
)

// Permanent is an error after which another attempt would end the same way.
type Permanent struct {
	// Err is what went wrong.
	Err error
}

// Error implements error.
func (p Permanent) Error() string { return fmt.Sprint(p.Err) }

// Unwrap returns Err.
func (p Permanent) Unwrap() error { return p.Err }

// ErrTerminated is the cause of the end of a context whose process was told to terminate.
var ErrTerminated = errors.New("the process was told to terminate")

// ErrStopped is what the cause also wraps when the record of the attempt says that it was stopped.
var ErrStopped = errors.New("the run is stopped")

// ErrNoRights is what a [Committer] returns, wrapped or not, when this process is not allowed to write records.
var ErrNoRights = errors.New("no right to write records")

// endError is an error that is known to end the attempt in a certain way.
type endError struct {
	end   record.End
	cause error
}

// Error implements error.
func (e *endError) Error() string { return e.end.Message }

// Unwrap returns the cause, which may be nil.
func (e *endError) Unwrap() error { return e.cause }

// NotGiven is an error that ends an attempt which could not read what it was given: nothing is said of the step by that.
func NotGiven(err error) error {
	return &endError{record.End{Outcome: record.Lost, Reason: "NotGiven", Message: err.Error()}, err}
}

// permanently ends the attempt as Failed, for good.
func permanently(reason, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &endError{record.End{Outcome: record.Failed, Reason: reason, Message: err.Error(), Permanent: true}, errors.Unwrap(err)}
}

// stepError is an error that the step's function returned.
type stepError struct {
	err     error
	retryIf func(error) bool
}

// Error implements error.
func (e *stepError) Error() string { return fmt.Sprint(e.err) }

// Unwrap returns what the function returned.
func (e *stepError) Unwrap() error { return e.err }

// refused tells that the step's own rule is against another attempt.
func (e *stepError) refused() bool { return e.retryIf != nil && !e.retryIf(e.err) }

// encodingError is an error that came out of an [Encode].
type encodingError struct{ err error }

// Error implements error.
func (e *encodingError) Error() string { return fmt.Sprintf("encoding the step's value: %v", e.err) }

// Unwrap returns what the encoder said.
func (e *encodingError) Unwrap() error { return e.err }
