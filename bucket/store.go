package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"github.com/org/k8sorch/internal/artifact"
)

// store is an [artifact.Store] in a bucket.
type store struct {
	bucket *blob.Bucket
	name   string
}

// New returns the artifact store in a bucket that the program has opened itself, for what [Open] has no URL for. The
// name stands for it in errors. The store is also an [io.Closer], which closes the bucket.
func New(bucket *blob.Bucket, name string) artifact.Store {
	return &store{bucket: bucket, name: name}
}

// String names the store by its URL, without credentials.
func (s *store) String() string { return s.name }

// Close implements [io.Closer].
func (s *store) Close() error { return s.bucket.Close() }

// Put implements [artifact.Store].
func (s *store) Put(ctx context.Context, digest artifact.Digest, size int64, content io.Reader) error {
	key, err := digest.Key()
	if err != nil {
		return err
	}
	source := artifact.NewSource(ctx, size, content)
	err = s.upload(ctx, key, size, source)
	if source.Err() != nil {
		return source.Err()
	}
	if err != nil {
		return s.unavailable(ctx, "putting", digest, err)
	}
	return nil
}

// Get implements [artifact.Store].
func (s *store) Get(ctx context.Context, digest artifact.Digest) (io.ReadCloser, error) {
	key, err := digest.Key()
	if err != nil {
		return nil, err
	}
	object, err := s.bucket.NewReader(ctx, key, nil)
	if err != nil {
		return nil, s.explain(ctx, "getting", digest, err)
	}
	return scrubbed{object}, nil
}

// Stat implements [artifact.Store].
func (s *store) Stat(ctx context.Context, digest artifact.Digest) (int64, error) {
	key, err := digest.Key()
	if err != nil {
		return 0, err
	}
	attributes, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return 0, s.explain(ctx, "checking", digest, err)
	}
	return attributes.Size, nil
}

// explain tells an object that is not there from a bucket that is not there, which S3 answers to a HEAD alike.
func (s *store) explain(ctx context.Context, op string, digest artifact.Digest, err error) error {
	if gcerrors.Code(err) != gcerrors.NotFound {
		return s.unavailable(ctx, op, digest, err)
	}
	accessible, listErr := s.bucket.IsAccessible(ctx)
	switch {
	case listErr != nil:
		return s.unavailable(ctx, op, digest, listErr)
	case !accessible:
		return s.unavailable(ctx, op, digest, errors.New("the bucket does not exist, or the server is not an object store"))
	}
	return fmt.Errorf("looking for %s in %s: %w", digest, s.name, artifact.ErrNotFound)
}

func (s *store) unavailable(ctx context.Context, op string, digest artifact.Digest, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s artifact %s: %w", op, digest, ctx.Err())
	}
	return &artifact.UnavailableError{Op: op, Store: s.name, Digest: digest, Err: scrub(err)}
}
