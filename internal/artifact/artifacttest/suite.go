// Package artifacttest says, as tests, what an [artifact.Store] must do.
package artifacttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
)

// Run checks a store within one process. open returns an empty store of the test's own.
func Run(t *testing.T, open func(*testing.T) artifact.Store) {
	t.Helper()
	tests := map[string]func(*testing.T, artifact.Store){
		"artifacts of all sizes come back":         roundTrip,
		"putting twice is harmless":                putTwice,
		"many writers of one artifact":             concurrentWriters,
		"an artifact that was never put":           missing,
		"a name that is no digest":                 hostileDigest,
		"content that ends early is not stored":    shortContent,
		"content that goes on is not stored":       longContent,
		"content that fails is not stored":         failingContent,
		"an interrupted put stores nothing":        interruptedPut,
		"an interrupted get is not a missing one":  interruptedGet,
		"a failed put does not harm what is there": failedOverwrite,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// Content returns size bytes that are the same for the same size and do not compress.
func Content(size int64) io.Reader {
	var seed [32]byte
	seed[0] = byte(size % 251)
	return io.LimitReader(rand.NewChaCha8(seed), size)
}

// Write stores content as steps do, through a draft that is a file, and returns its digest.
func Write(ctx context.Context, s artifact.Store, content io.Reader) (artifact.Digest, error) {
	var draft artifact.Draft
	defer draft.Discard()
	if _, err := io.Copy(&draft, content); err != nil {
		return "", err
	}
	return draft.Digest(), draft.Put(ctx, s)
}

// Read writes an artifact to w.
func Read(ctx context.Context, s artifact.Store, digest artifact.Digest, size int64, w io.Writer) error {
	content, err := artifact.Open(ctx, s, digest, size)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(w, content)
	return err
}

func content(t *testing.T, size int64) ([]byte, artifact.Digest) {
	t.Helper()
	b, err := io.ReadAll(Content(size))
	if err != nil {
		t.Fatal(err)
	}
	return b, artifact.Sum(b)
}

func roundTrip(t *testing.T, s artifact.Store) {
	for _, size := range []int64{0, 1, 1 << 10, 250 << 10, 5 << 20, 17<<20 + 1} {
		want, digest := content(t, size)
		if got, err := Write(t.Context(), s, bytes.NewReader(want)); err != nil || got != digest {
			t.Errorf("Write of %d bytes = %s, %v, want %s", size, got, err, digest)
			continue
		}
		expect(t, s, want)
	}
}

// expect fails unless the store holds want.
func expect(t *testing.T, s artifact.Store, want []byte) {
	t.Helper()
	digest, size := artifact.Sum(want), int64(len(want))
	if got, err := s.Stat(t.Context(), digest); err != nil || got != size {
		t.Errorf("Stat = %d, %v, want %d", got, err, size)
	}
	var got bytes.Buffer
	if err := Read(t.Context(), s, digest, size, &got); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("Read returned %d bytes and %v, want the %d that were written", got.Len(), err, size)
	}
}

// expectMissing fails unless the store says that it does not hold the artifact. Something else is put first, since a
// store that never held anything may also say that it is unavailable.
func expectMissing(t *testing.T, s artifact.Store, digest artifact.Digest) {
	t.Helper()
	if _, err := artifact.WriteBytes(t.Context(), s, []byte("another")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Stat(t.Context(), digest); !errors.Is(err, artifact.ErrNotFound) {
		t.Errorf("Stat = %v, want ErrNotFound", err)
	}
	if _, err := artifact.Open(t.Context(), s, digest, 1); !errors.Is(err, artifact.ErrNotFound) {
		t.Errorf("Open = %v, want ErrNotFound", err)
	}
}

func expectOther(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil || errors.Is(err, artifact.ErrNotFound) {
		t.Errorf("%s = %v, want an error that is not ErrNotFound", what, err)
	}
}

func put(ctx context.Context, s artifact.Store, b []byte) error {
	return s.Put(ctx, artifact.Sum(b), int64(len(b)), bytes.NewReader(b))
}
