package attempt

import (
	"bufio"
	"fmt"
	"os"
)

// spill takes in an encoded value: in memory up to limit bytes, and past that all of it in a temporary file. Without
// keep, what is past the limit is only counted.
type spill struct {
	limit int64
	keep  bool
	size  int64
	head  []byte
	file  *os.File
	out   *bufio.Writer
	err   error // why a Write failed
}

// spillBuffer gathers the small writes of encoders into few system calls.
const spillBuffer = 256 << 10

func newSpill(limit int64, keep bool) *spill {
	return &spill{limit: limit, keep: keep, head: []byte{}}
}

// Write implements io.Writer.
func (s *spill) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	s.size += int64(len(p))
	switch {
	case !s.spilled():
		s.head = append(s.head, p...)
	case s.keep:
		s.err = s.writeFile(p)
	default:
		s.head = nil
	}
	if s.err != nil {
		return 0, s.err
	}
	return len(p), nil
}

// spilled tells that the value is larger than the limit.
func (s *spill) spilled() bool { return s.size > s.limit }

func (s *spill) writeFile(p []byte) error {
	if s.file == nil {
		if err := s.create(); err != nil {
			return err
		}
	}
	_, err := s.out.Write(p)
	return err
}

func (s *spill) create() (err error) {
	if s.file, err = os.CreateTemp("", "k8sorch-value-*"); err != nil {
		return fmt.Errorf("%w; give the step a writable %s (an emptyDir) or set TMPDIR", err, os.TempDir())
	}
	s.out = bufio.NewWriterSize(s.file, spillBuffer)
	_, err = s.out.Write(s.head)
	s.head = nil
	return err
}

// finish returns the path of the file that holds all of the value.
func (s *spill) finish() (string, error) {
	if err := s.out.Flush(); err != nil {
		return "", err
	}
	return s.file.Name(), nil
}

func (s *spill) discard() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
