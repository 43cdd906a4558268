package k8sorchtest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/org/k8sorch/internal/progress"
)

// podLog is what a pod writes of its progress to its log: nothing else that a step writes can be told from what the test
// itself does, since all is one process.
type podLog struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

// Write takes lines, and gives each the time as the container runtime does.
func (l *podLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(string(b)) {
		fmt.Fprintf(&l.lines, "%s %s", time.Now().UTC().Format(time.RFC3339Nano), line)
	}
	return len(b), nil
}

func (l *podLog) read() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.lines.Bytes())
}

// withLog returns a context in which the pod called name writes to its log.
func (c *Cluster) withLog(ctx context.Context, name string) context.Context {
	l := &podLog{}
	c.logs.Store(name, l)
	return progress.WithOutput(ctx, l)
}

// logOf returns what the pod called name has written to its log so far.
func (c *Cluster) logOf(name string) []byte {
	if l, ok := c.logs.Load(name); ok {
		return l.(*podLog).read()
	}
	return nil
}
