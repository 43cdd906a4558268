package artifact

import (
	"context"
	"fmt"
	"io"
)

// Source is the content of one Put, for implementations of [Store]: it ends with an error instead of io.EOF if content
// does not have exactly size bytes or ctx ends, and tells afterwards whether it was content that failed or the store.
type Source struct {
	content io.Reader
	size    int64
	seen    int64
	err     error
}

// NewSource returns the source of a Put with these arguments.
func NewSource(ctx context.Context, size int64, content io.Reader) *Source {
	return &Source{content: contextReader(ctx, content), size: size}
}

// Read implements io.Reader.
func (s *Source) Read(p []byte) (int, error) {
	n, err := s.content.Read(p)
	s.seen += int64(n)
	if s.seen > s.size || (err == io.EOF && s.seen < s.size) {
		err = &mismatchError{wantSize: s.size, gotSize: s.seen}
	}
	if err != nil && err != io.EOF {
		s.err = fmt.Errorf("reading the content to store: %w", err)
		return 0, s.err
	}
	return n, err
}

// Err returns why content could not be read to its end, or nil.
func (s *Source) Err() error { return s.err }
