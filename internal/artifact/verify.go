package artifact

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"sync"
)

// verifier passes content on and compares its size and digest with what they should be. It holds back the end of wrong
// content: a reader that stops after size bytes without asking for io.EOF is not deceived either.
type verifier struct {
	content io.Reader
	digest  Digest
	size    int64

	mu   sync.Mutex // a store's transport may still be reading when its Put has returned
	sum  hash.Hash
	seen int64
	err  error // what every further Read returns
}

func newVerifier(content io.Reader, digest Digest, size int64) *verifier {
	return &verifier{content: content, digest: digest, size: size, sum: sha256.New()}
}

// Read implements io.Reader. Where the content is wrong it returns a [*mismatchError].
func (v *verifier) Read(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil || len(p) == 0 {
		return 0, v.err
	}
	n, err := v.content.Read(p)
	v.sum.Write(p[:n])
	v.seen += int64(n)
	if v.err = v.judge(err); v.err != nil && v.err != io.EOF {
		return 0, v.err
	}
	return n, v.err
}

// judge returns nil while all is well and more is to come, io.EOF when the content is complete and right.
func (v *verifier) judge(err error) error {
	switch {
	case err != nil && err != io.EOF:
		return err
	case v.seen > v.size, v.seen < v.size && err == io.EOF:
		return &mismatchError{want: v.digest, wantSize: v.size, gotSize: v.seen}
	case v.seen < v.size:
		return nil
	case digestOf(v.sum) != v.digest:
		return &mismatchError{want: v.digest, got: digestOf(v.sum), wantSize: v.size, gotSize: v.seen}
	case err == nil && v.goesOn():
		return &mismatchError{want: v.digest, wantSize: v.size, gotSize: v.size + 1}
	}
	return io.EOF
}

func (v *verifier) goesOn() bool {
	n, _ := io.ReadFull(v.content, make([]byte, 1))
	return n > 0
}

// failure returns what was wrong with the content that has been read so far, or nil.
func (v *verifier) failure() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err == io.EOF {
		return nil
	}
	return v.err
}

// mismatchError says that content is not what its digest and size say.
type mismatchError struct {
	want, got         Digest // got is empty when the size alone gives it away
	wantSize, gotSize int64  // gotSize is how much was read until that was plain
}

// Error implements error.
func (e *mismatchError) Error() string {
	switch {
	case e.got != "":
		return fmt.Sprintf("its %d bytes have the digest %s instead of %s", e.gotSize, e.got, e.want)
	case e.gotSize > e.wantSize:
		return fmt.Sprintf("it is longer than %d bytes", e.wantSize)
	}
	return fmt.Sprintf("it ends after %d of %d bytes", e.gotSize, e.wantSize)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// contextReader reads r until ctx ends.
func contextReader(ctx context.Context, r io.Reader) io.Reader {
	return readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(p)
	})
}
