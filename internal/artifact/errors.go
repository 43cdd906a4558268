package artifact

import (
	"context"
	"errors"
	"fmt"
)

// UnavailableError says that a store could not be reached, read or written. It says nothing about the artifact: what is
// known about it stays as it was, and asking again later is right.
type UnavailableError struct {
	// Op is what was being done: "getting", "reading", "putting" or "checking".
	Op string
	// Store names the store, without credentials.
	Store string
	// Digest is the artifact that it was about.
	Digest Digest
	// Err is the cause.
	Err error
}

// Error implements error.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("%s artifact %s: artifact store %s is unavailable: %v", e.Op, e.Digest, e.Store, e.Err)
}

// Unwrap returns the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// CorruptError says that a store handed back other bytes than the digest names.
type CorruptError struct {
	// Store names the store, without credentials.
	Store string
	// Digest is the artifact that was asked for.
	Digest Digest
	// Err says how the bytes differ.
	Err error
}

// Error implements error.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("artifact %s in store %s is corrupt: %v; delete it there, then run the step that made it again",
		e.Digest, e.Store, e.Err)
}

// Unwrap returns how the bytes differ.
func (e *CorruptError) Unwrap() error { return e.Err }

// classify turns what a store returned for a read into one of the errors that this package promises. Stores outside
// this repository know only [ErrNotFound].
func classify(ctx context.Context, s Store, op string, digest Digest, err error) error {
	if err == ErrNotFound {
		return notFound(nameOf(s), digest)
	}
	if errors.Is(err, ErrNotFound) {
		return err
	}
	return unavailable(ctx, s, op, digest, err)
}

func notFound(store string, digest Digest) error {
	return fmt.Errorf("looking for %s in %s: %w", digest, store, ErrNotFound)
}

func unavailable(ctx context.Context, s Store, op string, digest Digest, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s artifact %s: %w", op, digest, ctx.Err())
	}
	if _, known := errors.AsType[*UnavailableError](err); known {
		return err
	}
	return &UnavailableError{Op: op, Store: nameOf(s), Digest: digest, Err: err}
}
