package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// benchmarks are some of the module's own: what they measure needs no cluster.
type benchmarks struct {
	// Package has them, and Names is the expression that they fit, as `go test -bench` takes it.
	Package, Names string
	// Times is how often each is repeated in a round, as -benchtime takes it.
	Times string
}

func oneProcess(rounds int) series {
	return series{Name: figures.OneProcess, Rounds: rounds, Benchmarks: []benchmarks{
		{".", "^BenchmarkBuild$/.*/100000", "1s"},
		{"./internal/engine", "^BenchmarkMachine$/.*/100000", "1s"},
		{".", "^BenchmarkStepStart$", "40x"},
		{"./internal/image", "^BenchmarkPush$", "1s"},
	}}
}

// inOneProcess runs the benchmarks of a series. Where one fails it returns what was measured before.
func (o options) inOneProcess(ctx context.Context, s series) (results []figures.Result, err error) {
	for round := 1; round <= s.Rounds; round++ {
		for _, b := range s.Benchmarks {
			began := time.Now()
			measured, err := o.measure(ctx, b)
			if err != nil {
				return results, fmt.Errorf("running the benchmarks %s of %s: %w", b.Names, b.Package, err)
			}
			for _, r := range measured {
				r.Series, r.Round = s.Name, round
				results = append(results, r)
			}
			sayf("         round %d, %s: %.0fs", round, b.Names, time.Since(began).Seconds())
		}
	}
	return results, nil
}

// measure has `go test` run benchmarks, and reads what they say.
func (o options) measure(ctx context.Context, b benchmarks) ([]figures.Result, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", b.Names, "-benchtime", b.Times, b.Package)
	cmd.Dir = o.source
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	said, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, said)
	}
	return measured(said)
}

// measured reads the output of benchmarks. One without any is an error: nothing fits the expression.
func measured(said []byte) (results []figures.Result, err error) {
	reader := benchfmt.NewReader(bytes.NewReader(said), "go test")
	for reader.Scan() {
		switch line := reader.Result().(type) {
		case *benchfmt.Result:
			results = append(results, benchmarkOf(line))
		case *benchfmt.SyntaxError:
			return nil, line
		}
	}
	if err := reader.Err(); err != nil {
		return nil, err
	}
	if len(results) == 0 {
		return nil, errors.New("there are none")
	}
	return results, nil
}

// benchmarkOf leaves out how many CPUs there were, with which the name may end.
func benchmarkOf(line *benchfmt.Result) figures.Result {
	name := line.Name.Full()
	if _, parts := line.Name.Parts(); len(parts) > 0 {
		if last := parts[len(parts)-1]; last[0] == '-' {
			name = name[:len(name)-len(last)]
		}
	}
	r := figures.Result{Cell: figures.Cell{System: string(name)}, Measured: map[string]float64{}}
	for _, v := range line.Values {
		r.Measured[v.Unit] = v.Value
	}
	return r
}
