package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/org/k8sorch/e2e/bench/internal/figures"
)

// conditions are what figures depend on.
type conditions struct {
	Time   time.Time `json:"time"`
	Commit string    `json:"commit"`
	Go     string    `json:"go"`
	CPUs   int       `json:"cpus"`
	// Load is the load average of the machine before the first series.
	Load string `json:"load"`
	Full bool   `json:"full"`
	// Seconds is how long all of it took.
	Seconds float64 `json:"seconds"`
}

// compare runs the series, each on a cluster of its own, and writes what they gave, after each of them. One that fails does not
// keep the others from being run.
func compare(ctx context.Context, o options) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	r := report{conditions: conditions{Time: time.Now().UTC(), Commit: commit(ctx), Go: runtime.Version(), CPUs: runtime.NumCPU(), Load: load(), Full: o.full}}
	var failed []error
	for _, s := range o.series() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		say("%6.0fs  %s", time.Since(r.Time).Seconds(), s.Name)
		results, err := o.onCluster(ctx, s)
		if err != nil {
			err = fmt.Errorf("running the series %q: %w", s.Name, err)
			say("%v", err)
			failed = append(failed, err)
		}
		r.Results = append(r.Results, results...)
		r.Seconds = time.Since(r.Time).Seconds()
		if err := r.write(o.out); err != nil {
			return err
		}
	}
	say("%6.0fs  done: %s", r.Seconds, filepath.Join(o.out, tables))
	return errors.Join(failed...)
}

// series returns those that are to be run.
func (o options) series() (chosen []series) {
	all, rounds := short, 3
	if o.full {
		all, rounds = full, 5
	}
	if o.rounds > 0 {
		rounds = o.rounds
	}
	for _, s := range all(rounds) {
		if o.only.MatchString(s.Name) {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// onCluster brings a cluster up and runs the series in it.
func (o options) onCluster(ctx context.Context, s series) ([]figures.Result, error) {
	dir, err := os.MkdirTemp("", "k8sorch-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	inside, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	result := filepath.Join(dir, "result.json")
	args := []string{"up", "-state", filepath.Join(dir, "cluster")}
	if !s.Node {
		args = append(args, "-control-plane")
	}
	if s.Tuned {
		args = append(args, "-tuned")
	}
	args = append(args, "--", self, "-inside", string(inside), "-result", result, "-program", o.program, "-profile", o.profile)
	cmd := exec.CommandContext(ctx, o.kubenode, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(result)
	if err != nil {
		return nil, err
	}
	var results []figures.Result
	return results, json.Unmarshal(text, &results)
}

// Names of the files that are written.
const (
	tables  = "bench.md"
	numbers = "bench.json"
)

func (r report) write(dir string) error {
	var text bytes.Buffer
	set := "make bench"
	if r.Full {
		set = "make bench-full"
	}
	fmt.Fprintf(&text, "`%s` at %s, %s, %s, %d CPUs, load before it %s, %.0f s. Medians, [least..most].\n\n",
		set, r.Commit, r.Time.Format(time.DateOnly), r.Go, r.CPUs, r.Load, r.Seconds)
	groups := figures.Groups(r.Results)
	figures.WriteVerdicts(&text, groups)
	figures.WriteTables(&text, groups)
	if err := os.WriteFile(filepath.Join(dir, tables), text.Bytes(), 0o644); err != nil {
		return err
	}
	return writeJSON(filepath.Join(dir, numbers), r)
}

// commit returns the commit that is measured, where git knows.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "an unknown commit"
	}
	return strings.TrimSpace(string(out))
}

// load returns the load averages.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}
