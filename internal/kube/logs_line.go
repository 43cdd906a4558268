package kube

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"time"
)

// maxLogLine bounds what is kept of one line, in bytes: a program may write as long as it likes without ending it.
const maxLogLine = 64 << 10

// lineReader reads lines of any length in bounded memory.
type lineReader struct{ r *bufio.Reader }

func newLineReader(r io.Reader) lineReader { return lineReader{bufio.NewReaderSize(r, maxLogLine)} }

// next returns the next line without its end, cut to [maxLogLine] bytes; io.EOF after the last one. A line that a
// broken stream cuts short is not returned: it comes in full when the stream is opened again.
func (l lineReader) next() (string, error) {
	head, err := l.r.ReadSlice('\n')
	line := string(head)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = l.r.ReadSlice('\n')
	}
	if err == io.EOF && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}

// logLine is a line and the time at which the container runtime read it.
type logLine struct {
	at   time.Time
	text string
}

// noContainer begins what the kubelet puts in the place of a log whose container is gone
// (k8s.io/kubernetes/pkg/kubelet/kuberuntime, GetContainerLogs).
const noContainer = "unable to retrieve container logs for "

// isComplaint tells the kubelet's own words from those of the container.
func (l logLine) isComplaint() bool { return l.at.IsZero() && strings.HasPrefix(l.text, noContainer) }

// parseLine takes apart a line of a log with time stamps. One without is returned whole, with no time.
func parseLine(line string) logLine {
	stamp, text, _ := strings.Cut(line, " ")
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return logLine{text: line}
	}
	return logLine{at: at, text: text}
}
