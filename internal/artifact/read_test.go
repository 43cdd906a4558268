package artifact_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/artifact/artifacttest"
)

// wantCorrupt fails unless readers of the artifact get a CorruptError, and never all of it.
func wantCorrupt(t *testing.T, s artifact.Store, digest artifact.Digest, size int64) {
	t.Helper()
	r, err := artifact.Open(t.Context(), s, digest, size)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, r)
	corrupt, ok := errors.AsType[*artifact.CorruptError](err)
	if !ok || corrupt.Digest != digest || !strings.Contains(err.Error(), "delete it there") {
		t.Errorf("reading = %v, want a CorruptError about %s with a remedy", err, digest)
	}
	if size > 0 && n >= size {
		t.Errorf("%d of %d bytes were read before the error", n, size)
	}
	if _, again := r.Read(make([]byte, 1)); again == nil || again.Error() != err.Error() {
		t.Errorf("reading on = %v, want %v again", again, err)
	}
}

// fakeStore is a user's store: it hands out content, or fails with plain errors.
type fakeStore struct {
	content io.Reader
	err     error
}

func (s fakeStore) Put(_ context.Context, _ artifact.Digest, _ int64, content io.Reader) error {
	_, err := io.Copy(io.Discard, content)
	return errors.Join(err, s.err)
}

func (s fakeStore) Get(context.Context, artifact.Digest) (io.ReadCloser, error) {
	if s.err != nil {
		return nil, s.err
	}
	return io.NopCloser(s.content), nil
}

func (s fakeStore) Stat(context.Context, artifact.Digest) (int64, error) {
	return 0, errors.Join(artifact.ErrNotFound, s.err)
}

func TestReaderInAnyChunks(t *testing.T) {
	t.Parallel()
	b := []byte("twelve bytes")
	chunkings := map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
		"end with data": iotest.DataErrReader,
	}
	for name, chunks := range chunkings {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := fakeStore{content: chunks(bytes.NewReader(b))}
			r, err := artifact.Open(t.Context(), s, artifact.Sum(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(r, b); err != nil {
				t.Error(err)
			}
			for wrong, content := range map[string]string{"other": "twelve Bytes", "short": "twelve byte", "long": "twelve bytes!"} {
				t.Run(wrong, func(t *testing.T) {
					wantCorrupt(t, fakeStore{content: chunks(strings.NewReader(content))}, artifact.Sum(b), int64(len(b)))
				})
			}
		})
	}
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func TestStoreThatBreaksOff(t *testing.T) {
	t.Parallel()
	b := []byte("twelve bytes")
	content := io.MultiReader(bytes.NewReader(b[:6]), iotest.ErrReader(io.ErrUnexpectedEOF))
	err := artifacttest.Read(t.Context(), fakeStore{content: content}, artifact.Sum(b), int64(len(b)), io.Discard)
	artifacttest.WantUnavailable(t, "reading", err)
}

func TestErrorsOfUserStores(t *testing.T) {
	t.Parallel()
	digest := artifact.Sum(nil)
	t.Run("not found is named", func(t *testing.T) {
		_, err := artifact.Open(t.Context(), fakeStore{err: artifact.ErrNotFound}, digest, 0)
		if !errors.Is(err, artifact.ErrNotFound) || !strings.Contains(err.Error(), string(digest)) {
			t.Errorf("Open = %v, want ErrNotFound naming the artifact", err)
		}
	})
	t.Run("anything else is unavailable", func(t *testing.T) {
		_, err := artifact.Open(t.Context(), fakeStore{err: io.ErrClosedPipe}, digest, 0)
		artifacttest.WantUnavailable(t, "Open", err)
		_, err = artifact.WriteBytes(t.Context(), fakeStore{err: io.ErrClosedPipe}, nil)
		artifacttest.WantUnavailable(t, "WriteBytes", err)
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%v does not wrap its cause", err)
		}
	})
	t.Run("nothing is missing after a put", func(t *testing.T) {
		_, err := artifact.WriteBytes(t.Context(), fakeStore{err: artifact.ErrNotFound}, nil)
		if !isA[*artifact.UnavailableError](err) {
			t.Errorf("WriteBytes = %v, want an UnavailableError", err)
		}
	})
}
