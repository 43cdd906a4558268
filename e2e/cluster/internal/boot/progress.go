package boot

import (
	"fmt"
	"io"
	"time"
)

// progress prints a line for each thing achieved, with the seconds since the start.
type progress struct {
	out   io.Writer
	start time.Time
}

func newProgress(out io.Writer) *progress { return &progress{out: out, start: time.Now()} }

func (p *progress) printf(format string, args ...any) {
	fmt.Fprintf(p.out, "cluster %5.1fs  %s\n", time.Since(p.start).Seconds(), fmt.Sprintf(format, args...))
}
