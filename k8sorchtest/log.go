package k8sorchtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/rest"

	"github.com/org/k8sorch/internal/progress"
)

// podLog is what a pod writes of its progress to its log: nothing else that a step writes can be told from what the test
// itself does, since all is one process.
type podLog struct {
	mu    sync.Mutex
	lines bytes.Buffer
	// more is closed when there are more lines.
	more chan struct{}
}

func newPodLog() *podLog { return &podLog{more: make(chan struct{})} }

// Write takes lines, and gives each the time as the container runtime does.
func (l *podLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(string(b)) {
		fmt.Fprintf(&l.lines, "%s %s", time.Now().UTC().Format(time.RFC3339Nano), line)
	}
	close(l.more)
	l.more = make(chan struct{})
	return len(b), nil
}

// from returns what comes after so many bytes, and what is closed when there is more.
func (l *podLog) from(at int) (lines []byte, more <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.lines.Bytes()[at:]), l.more
}

// withLog returns a context in which the pod called name writes to its log.
func (c *Cluster) withLog(ctx context.Context, name string) context.Context {
	return progress.WithOutput(ctx, c.logOf(name))
}

// logOf returns the log of the pod called name.
func (c *Cluster) logOf(name string) *podLog {
	l, _ := c.logs.LoadOrStore(name, newPodLog())
	return l.(*podLog)
}

// readLog returns what a request for a log answers with; read is the one for the log that all pods have.
func readLog(ctx context.Context, read *rest.Request, log *podLog, end <-chan struct{}, follow bool) (io.Reader, error) {
	written, _ := log.from(0)
	start, at := bytes.NewReader(written), len(written)
	if at == 0 {
		common, err := read.DoRaw(ctx)
		if err != nil {
			return nil, err
		}
		// What follows is a line of its own.
		start = bytes.NewReader(append(bytes.TrimSuffix(common, []byte("\n")), '\n'))
	}
	if !follow {
		return start, nil
	}
	return io.MultiReader(start, &followedLog{log: log, at: at, end: end, gone: ctx.Done()}), nil
}

// followedLog is what is still to come of a log, until its process has ended or nobody reads any more.
type followedLog struct {
	log       *podLog
	at        int
	end, gone <-chan struct{}
	ended     bool
}

// Read implements [io.Reader].
func (f *followedLog) Read(into []byte) (int, error) {
	for {
		lines, more := f.log.from(f.at)
		switch {
		case len(lines) > 0:
			n := copy(into, lines)
			f.at += n
			return n, nil
		case f.ended:
			return 0, io.EOF
		}
		select {
		case <-more:
		case <-f.end:
			// It may have written just before.
			f.ended = true
		case <-f.gone:
			return 0, io.EOF
		}
	}
}
