package audit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Log is an audit log that is being written.
type Log struct {
	file *os.File
	// rest is the beginning of a line that is not written whole yet.
	rest   []byte
	reader *bufio.Reader
}

// Open opens the log at its present end.
func Open(path string) (*Log, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	if _, err := file.Seek(0, io.SeekEnd); err != nil {
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	return &Log{file: file, reader: bufio.NewReaderSize(file, 1<<20)}, nil
}

// Close closes the log.
func (l *Log) Close() error { return l.file.Close() }

// lag is how long to wait for the API server to write on.
const lag = 20 * time.Millisecond

// Until returns what was asked since the last call, up to and without the first request that is the last. It waits until the
// log has that one, and then it has everything that was answered before.
func (l *Log) Until(ctx context.Context, last func(Request) bool) ([]Request, error) {
	var all []Request
	for {
		line, err := l.line()
		switch {
		case errors.Is(err, io.EOF):
			select {
			case <-ctx.Done():
				return nil, fmt.Errorf("reading the audit log: %w", context.Cause(ctx))
			case <-time.After(lag):
			}
			continue
		case err != nil:
			return nil, fmt.Errorf("reading the audit log: %w", err)
		}
		request, err := parse(line)
		if err != nil {
			return nil, err
		}
		if last(request) {
			return all, nil
		}
		all = append(all, request)
	}
}

// line returns the next whole line. The error is io.EOF where it is not there yet.
func (l *Log) line() ([]byte, error) {
	part, err := l.reader.ReadBytes('\n')
	l.rest = append(l.rest, part...)
	if err != nil {
		return nil, err
	}
	line := l.rest
	l.rest = nil
	return line, nil
}
