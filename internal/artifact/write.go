package artifact

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
)

// Write stores what write writes, and returns its digest and size in bytes. The bytes pass through an unnamed file in
// [os.TempDir], so memory stays constant whatever their size; that directory must have room for them. An artifact that
// the store holds already is not sent again.
//
// An [UnavailableError] means that the store could not be written to; calling Write again is right then. Any other error
// is of this side: write's own, ctx's, or a full temporary directory.
func Write(ctx context.Context, s Store, write func(io.Writer) error) (Digest, int64, error) {
	spooled, err := newSpool()
	if err != nil {
		return "", 0, err
	}
	defer spooled.discard()
	if err := spooled.fill(ctx, write); err != nil {
		return "", 0, fmt.Errorf("writing artifact: %w", err)
	}
	digest := digestOf(spooled.sum)
	if err := upload(ctx, s, digest, spooled.size, spooled.content()); err != nil {
		return "", 0, err
	}
	return digest, spooled.size, nil
}

// WriteFile stores the regular file at path as [Write] does, without a copy. A file that changes meanwhile is an error,
// one that only grows is stored up to its size at the start.
func WriteFile(ctx context.Context, s Store, path string) (Digest, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, fmt.Errorf("opening the file to store: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", 0, fmt.Errorf("opening the file to store: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", 0, fmt.Errorf("storing %s: it is not a regular file; store a directory as an archive", path)
	}
	size := info.Size()
	sum := sha256.New()
	if _, err := io.Copy(sum, contextReader(ctx, io.NewSectionReader(file, 0, size))); err != nil {
		return "", 0, fmt.Errorf("hashing %s: %w", path, err)
	}
	digest := digestOf(sum)
	if err := upload(ctx, s, digest, size, io.NewSectionReader(file, 0, size)); err != nil {
		return "", 0, fmt.Errorf("storing %s: %w", path, err)
	}
	return digest, size, nil
}

// WriteBytes stores content, as [Write] does, and returns its digest.
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
