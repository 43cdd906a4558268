package progress

import (
	"context"
	"io"
	"os"
	"sync"
	"time"
)

// every is how often a reporter writes at most: as often as people look, and rarely enough for any log.
const every = time.Second

// Reporter writes what one attempt says of how far it is to its log: at most once in a second, and the last word always.
type Reporter struct {
	out io.Writer
	// whose names the attempt.
	whose Report

	mu      sync.Mutex
	written time.Time
	pending *Report
	timer   *time.Timer
	closed  bool
}

// NewReporter returns the reporter of an attempt. The caller closes it.
func NewReporter(out io.Writer, run, step string, attempt int) *Reporter {
	return &Reporter{out: out, whose: Report{Run: run, Step: step, Attempt: attempt}}
}

// Report says how much is done, now or as soon as a second has passed since it was said last.
func (r *Reporter) Report(fraction float64, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	said := r.whose
	said.Fraction, said.Message = fraction, message
	r.pending = &said
	if r.timer != nil {
		return
	}
	if rest := every - time.Since(r.written); !r.written.IsZero() && rest > 0 {
		r.timer = time.AfterFunc(rest, r.due)
		return
	}
	r.write()
}

func (r *Reporter) due() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = nil
	r.write()
}

// Close says at once what was not said yet, and nothing after that.
func (r *Reporter) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timer != nil {
		r.timer.Stop()
	}
	r.write()
	r.closed = true
}

func (r *Reporter) write() {
	if r.pending == nil || r.closed {
		return
	}
	// There is no better place to report that the log cannot be written to.
	_, _ = io.WriteString(r.out, r.pending.Line()+"\n")
	r.pending, r.written = nil, time.Now()
}

type outputKey struct{}

// WithOutput returns a context in which out is the log of the attempt. The test kit, whose pods are one process, gives each
// of them a log this way.
func WithOutput(ctx context.Context, out io.Writer) context.Context {
	return context.WithValue(ctx, outputKey{}, out)
}

// Output returns the log of the attempt that this process is: standard error, unless the context has another.
func Output(ctx context.Context) io.Writer {
	if out, ok := ctx.Value(outputKey{}).(io.Writer); ok {
		return out
	}
	return os.Stderr
}
