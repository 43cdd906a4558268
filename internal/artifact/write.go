package artifact

import (
	"bytes"
	"context"
	"fmt"
	"io"
)

// WriteBytes stores content as [Draft.Put] does, and returns its digest.
func WriteBytes(ctx context.Context, s Store, content []byte) (Digest, error) {
	digest := Sum(content)
	if err := upload(ctx, s, digest, int64(len(content)), bytes.NewReader(content)); err != nil {
		return "", err
	}
	return digest, nil
}

// upload puts the artifact unless the store holds it already. A store that cannot tell (object stores answer "forbidden"
// to those who may write but not list) gets it anyway.
func upload(ctx context.Context, s Store, digest Digest, size int64, content io.Reader) error {
	if stored, err := s.Stat(ctx, digest); err == nil && stored == size {
		return nil
	}
	checked := newVerifier(contextReader(ctx, content), digest, size)
	err := s.Put(ctx, digest, size, checked)
	if failure := checked.failure(); failure != nil {
		return fmt.Errorf("reading the content of artifact %s again to store it: %w", digest, failure)
	}
	if err != nil {
		return unavailable(ctx, s, "putting", digest, err)
	}
	return nil
}
