package artifacttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"golang.org/x/sync/errgroup"

	"github.com/org/k8sorch/internal/artifact"
)

func putTwice(t *testing.T, s artifact.Store) {
	want, _ := content(t, 64<<10)
	for range 2 {
		if err := put(t.Context(), s, want); err != nil {
			t.Fatal(err)
		}
		expect(t, s, want)
	}
}

func concurrentWriters(t *testing.T, s artifact.Store) {
	want, _ := content(t, 1<<20)
	var writers errgroup.Group
	for range 8 {
		writers.Go(func() error { return put(t.Context(), s, want) })
	}
	if err := writers.Wait(); err != nil {
		t.Fatal(err)
	}
	expect(t, s, want)
}

func missing(t *testing.T, s artifact.Store) {
	expectMissing(t, s, artifact.Sum([]byte("never put")))
}

func hostileDigest(t *testing.T, s artifact.Store) {
	for _, digest := range []artifact.Digest{"", "sha256:", "../../etc/passwd", "sha256:../../../../etc/passwd"} {
		_, err := s.Stat(t.Context(), digest)
		expectOther(t, "Stat", err)
		_, err = s.Get(t.Context(), digest)
		expectOther(t, "Get", err)
		expectOther(t, "Put", s.Put(t.Context(), digest, 1, bytes.NewReader([]byte("x"))))
	}
}

func shortContent(t *testing.T, s artifact.Store) {
	b, digest := content(t, 100<<10)
	expectOther(t, "Put", s.Put(t.Context(), digest, int64(len(b)), bytes.NewReader(b[:99<<10])))
	expectMissing(t, s, digest)
}

func longContent(t *testing.T, s artifact.Store) {
	b, digest := content(t, 100<<10)
	expectOther(t, "Put", s.Put(t.Context(), digest, 99<<10, bytes.NewReader(b)))
	expectMissing(t, s, digest)
}

// failingContent is larger than one part of an upload, to have something to take back.
func failingContent(t *testing.T, s artifact.Store) {
	b, digest := content(t, 20<<20)
	broken := errors.New("broken")
	failing := io.MultiReader(bytes.NewReader(b[:18<<20]), iotest.ErrReader(broken))
	if err := s.Put(t.Context(), digest, int64(len(b)), failing); !errors.Is(err, broken) {
		t.Errorf("Put = %v, want %v", err, broken)
	}
	expectMissing(t, s, digest)
}

func interruptedPut(t *testing.T, s artifact.Store) {
	b, digest := content(t, 20<<20)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	interrupting := io.MultiReader(bytes.NewReader(b[:18<<20]), effect(cancel), bytes.NewReader(b[18<<20:]))
	if err := s.Put(ctx, digest, int64(len(b)), interrupting); !errors.Is(err, context.Canceled) {
		t.Errorf("Put = %v, want %v", err, context.Canceled)
	}
	expectMissing(t, s, digest)
}

func interruptedGet(t *testing.T, s artifact.Store) {
	want, digest := content(t, 5<<20)
	if err := put(t.Context(), s, want); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := artifact.Open(ctx, s, digest, int64(len(want)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.Copy(io.Discard, r); !errors.Is(err, context.Canceled) {
		t.Errorf("reading = %v, want %v", err, context.Canceled)
	}
	if _, err := artifact.Open(ctx, s, digest, int64(len(want))); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v, want %v", err, context.Canceled)
	}
}

func failedOverwrite(t *testing.T, s artifact.Store) {
	want, digest := content(t, 64<<10)
	if err := put(t.Context(), s, want); err != nil {
		t.Fatal(err)
	}
	// May succeed without reading, but must not put half an artifact in the place of a whole one.
	_ = s.Put(t.Context(), digest, int64(len(want)), iotest.ErrReader(errors.New("broken")))
	expect(t, s, want)
}

// effect is an empty reader that does something when it is reached.
func effect(do func()) io.Reader {
	return readerFunc(func([]byte) (int, error) {
		do()
		return 0, io.EOF
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
