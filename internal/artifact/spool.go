package artifact

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
)

// spoolBuffer gathers the small writes of encoders into few system calls.
const spoolBuffer = 256 << 10

// spool is a temporary file that knows the digest and size of what was written to it.
type spool struct {
	file *os.File
	sum  hash.Hash
	size int64
}

func newSpool() (*spool, error) {
	file, err := os.CreateTemp("", "k8sorch-artifact-*")
	if err != nil {
		return nil, fmt.Errorf("creating a temporary file for an artifact: %w; give the step a writable %s (an emptyDir) or set TMPDIR",
			err, os.TempDir())
	}
	// Where an open file may lose its name, a killed process leaves nothing behind; elsewhere discard removes it.
	_ = os.Remove(file.Name())
	return &spool{file: file, sum: sha256.New()}, nil
}

// fill takes in all that write writes, until ctx ends.
func (s *spool) fill(ctx context.Context, write func(io.Writer) error) error {
	buffered := bufio.NewWriterSize(s, spoolBuffer)
	err := write(writerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return buffered.Write(p)
	}))
	return cmp.Or(err, ctx.Err(), buffered.Flush())
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	s.sum.Write(p[:n])
	s.size += int64(n)
	if err != nil {
		return n, fmt.Errorf("buffering it in %s: %w", os.TempDir(), err)
	}
	return n, nil
}

func (s *spool) content() io.Reader { return io.NewSectionReader(s.file, 0, s.size) }

func (s *spool) discard() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
