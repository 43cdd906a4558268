package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Blob is a value too large to be held in memory: a step that returns one streams it into the artifact store, and a
// step that takes one reads it as a stream, as often as it likes. A value of up to 256 KiB lives in the step's record
// like any other. The zero Blob is empty.
type Blob struct {
	size  int64
	open  func(context.Context) (io.ReadCloser, error)
	write func(context.Context, io.Writer) error
}

// BlobFile returns the contents of a file as a Blob. The file is read after the step's function has returned.
func BlobFile(path string) Blob {
	return Blob{open: func(context.Context) (io.ReadCloser, error) { return os.Open(path) }}
}

// BlobFrom returns as a Blob what write writes. It is called after the step's function has returned, and must write the
// same each time.
func BlobFrom(write func(ctx context.Context, w io.Writer) error) Blob {
	return Blob{write: write}
}

// Size returns the number of bytes of a Blob that a step was given; 0 for one that is not stored yet.
func (b Blob) Size() int64 { return b.size }

// Open returns a reader of the contents, which the caller closes. What comes from an artifact store is checked against
// its digest: the reader fails at the end where it would otherwise return [io.EOF].
func (b Blob) Open(ctx context.Context) (io.ReadCloser, error) {
	switch {
	case b.open != nil:
		return b.open(ctx)
	case b.write != nil:
		return nil, errors.New("opening blob: it is not stored yet; only a step that takes it as its input can read it")
	}
	return io.NopCloser(bytes.NewReader(nil)), nil
}

func (b Blob) writeTo(ctx context.Context, w io.Writer) error {
	if b.write != nil {
		return b.write(ctx, w)
	}
	r, err := b.Open(ctx)
	if err != nil {
		return fmt.Errorf("reading blob: %w", err)
	}
	defer r.Close()
	if _, err := io.Copy(w, r); err != nil {
		return fmt.Errorf("reading blob: %w", err)
	}
	return nil
}
