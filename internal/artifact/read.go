package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Open returns a reader of the artifact that checks size and digest on the way. Instead of io.EOF it ends with a
// [CorruptError] when the bytes are not those that were stored, and it never yields the last of them then; with an
// [UnavailableError] when the store breaks off. A caller that stops before io.EOF has checked nothing. Errors of Open
// itself: [ErrNotFound], [UnavailableError], or ctx's.
func Open(ctx context.Context, s Store, digest Digest, size int64) (io.ReadCloser, error) {
	if _, err := digest.Key(); err != nil {
		return nil, fmt.Errorf("opening artifact: %w", err)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("opening artifact %s: %w", digest, ctx.Err())
	}
	content, err := s.Get(ctx, digest)
	if err != nil {
		return nil, classify(ctx, s, "getting", digest, err)
	}
	checked := newVerifier(contextReader(ctx, content), digest, size)
	read := readerFunc(func(p []byte) (int, error) {
		n, err := checked.Read(p)
		return n, readError(ctx, s, digest, err)
	})
	return struct {
		io.Reader
		io.Closer
	}{read, content}, nil
}

func readError(ctx context.Context, s Store, digest Digest, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if _, wrong := errors.AsType[*mismatchError](err); wrong {
		return &CorruptError{Store: nameOf(s), Digest: digest, Err: err}
	}
	return classify(ctx, s, "reading", digest, err)
}

// Stat returns the size of an artifact, with the errors of [Open].
func Stat(ctx context.Context, s Store, digest Digest) (int64, error) {
	size, err := s.Stat(ctx, digest)
	if err != nil {
		return 0, classify(ctx, s, "checking", digest, err)
	}
	return size, nil
}
