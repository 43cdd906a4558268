// Package artifact keeps artifacts: bytes under their SHA-256.
//
// Because the name follows from the bytes, writing an artifact twice is harmless, what is stored never changes, and
// whatever a store hands back can be checked. A [Store] needs to be neither clever nor trusted; the functions of this
// package ([Draft], [WriteBytes], [Open]) are what the rest of the library uses, and they do the checking.
//
// Three things can go wrong with an artifact, and they must not be confused:
//
//   - [ErrNotFound]: the store positively knows that the artifact is not there.
//   - [CorruptError]: the store handed back other bytes than were put in.
//   - [UnavailableError]: the store could not be asked. It says nothing about the artifact, and is no failure of the
//     step that asked.
package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ErrNotFound is what a [Store] returns, possibly wrapped, when it positively knows that it does not hold an artifact.
var ErrNotFound = errors.New("artifact not found")

// Store keeps artifacts. Implementations must be safe for concurrent use, by several processes at once if those share
// what is behind the store. A Store that implements [fmt.Stringer] is called by that name in errors.
//
// Any error other than [ErrNotFound] is taken to mean that the store could not be asked. When in doubt (a missing
// bucket, an unmounted directory, a refused login) return anything but [ErrNotFound].
type Store interface {
	// Put stores the size bytes that content yields under digest. The artifact appears whole or not at all: when
	// content fails or ends early, or ctx ends, nothing may become visible. Putting what is there already is harmless
	// and may leave content unread.
	Put(ctx context.Context, digest Digest, size int64, content io.Reader) error
	// Get opens an artifact. The caller closes it. Get need not check the bytes.
	Get(ctx context.Context, digest Digest) (io.ReadCloser, error)
	// Stat returns the size of an artifact in bytes.
	Stat(ctx context.Context, digest Digest) (size int64, err error)
}

func nameOf(s Store) string {
	if named, ok := s.(fmt.Stringer); ok {
		return named.String()
	}
	return fmt.Sprintf("%T", s)
}
