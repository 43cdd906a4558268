// Artifacts hands on what is too large for memory: one step writes a stream, the next one reads it.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// Summary is a small value: it travels in the step's record, and needs no store.
type Summary struct {
	Bytes  int64
	Lines  int
	Errors int
}

// export returns a log of so many lines. What writes it is called after export has returned, while it is stored.
func export(_ context.Context, lines int) (pipeline.Blob, error) {
	return pipeline.BlobFrom(func(_ context.Context, w io.Writer) error {
		for i := range lines {
			level := "info"
			if i%100 == 0 {
				level = "error"
			}
			if _, err := fmt.Fprintf(w, "%08d %s\n", i, level); err != nil {
				return err
			}
		}
		return nil
	}), nil
}

// count reads the log line by line, and holds one of them at a time.
func count(ctx context.Context, log pipeline.Blob) (Summary, error) {
	r, err := log.Open(ctx)
	if err != nil {
		return Summary{}, err
	}
	defer r.Close()
	sum := Summary{Bytes: log.Size()}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		sum.Lines++
		if strings.HasSuffix(lines.Text(), "error") {
			sum.Errors++
		}
	}
	return sum, lines.Err()
}

func artifacts() (*pipeline.Pipeline, *pipeline.Step[Summary]) {
	lines := pipeline.Param("lines", 100_000).Usage("how many lines the log has")
	sum := pipeline.Func("count", count, pipeline.Func("export", export, lines))
	return pipeline.New("artifacts").Step(sum), sum
}

func main() {
	p, sum := artifacts()
	cli.Main(p, cli.Report(func(ctx context.Context, run *pipeline.Run) error {
		s, err := sum.Result(ctx, run)
		if err != nil {
			return err
		}
		fmt.Printf("%d errors in %d lines, %d bytes\n", s.Errors, s.Lines, s.Bytes)
		return nil
	}))
}
