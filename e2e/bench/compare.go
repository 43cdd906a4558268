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
	"slices"
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
	// Set is the command that runs what of all there is was run.
	Set string `json:"set"`
	// Seconds is how long all of it took.
	Seconds float64 `json:"seconds"`
}

// compare runs the series, each on clusters of its own, and writes what they gave, after each of these. One that fails does not
// keep the others from being run.
func compare(ctx context.Context, o options) error {
	if o.page != "" {
		if _, _, err := around(o.page); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	shares, err := o.shares()
	if err != nil {
		return err
	}
	r := report{conditions: conditions{Time: time.Now().UTC(), Commit: o.commit, Go: runtime.Version(), CPUs: runtime.NumCPU(), Load: load(), Set: o.set()}}
	var failed []error
	for _, s := range shares {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		sayf("%6.0fs  %s", time.Since(r.Time).Seconds(), s.Series.Name)
		results, err := o.run(ctx, s)
		if err != nil {
			err = fmt.Errorf("running the series %q: %w", s.Series.Name, err)
			sayf("%v", err)
			failed = append(failed, err)
		}
		r.Results = append(r.Results, results...)
		r.Seconds = time.Since(r.Time).Seconds()
		if err := r.write(o); err != nil {
			return err
		}
	}
	sayf("%6.0fs  done: %s", r.Seconds, filepath.Join(o.out, tables))
	return errors.Join(failed...)
}

// shares returns what is to be run, each on a cluster of its own.
func (o options) shares() (all []share, err error) {
	for _, s := range o.series() {
		shares, err := s.shares()
		if err != nil {
			return nil, fmt.Errorf("dividing the series %q: %w", s.Name, err)
		}
		all = append(all, shares...)
	}
	return all, nil
}

// series returns those that are to be run.
func (o options) series() (chosen []series) {
	all, rounds := short, 1
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

// run runs a share of a series, on a cluster if that is what it needs.
func (o options) run(ctx context.Context, s share) ([]figures.Result, error) {
	if len(s.Series.Benchmarks) > 0 {
		return o.inOneProcess(ctx, s.Series)
	}
	return o.onCluster(ctx, s)
}

// set is the command that runs what is run.
func (o options) set() string {
	set := "e2e/bench.sh"
	switch plain := o.rounds == 0 && o.only.String() == ""; {
	case plain && o.full:
		return "make bench-full"
	case plain:
		return "make bench"
	case o.full:
		set += " -full"
	}
	if only := o.only.String(); only != "" {
		set += " -only '" + only + "'"
	}
	if o.rounds > 0 {
		set += fmt.Sprintf(" -rounds %d", o.rounds)
	}
	return set
}

// onCluster brings a cluster up and runs its share of a series in it. Where that fails it returns what was measured before.
func (o options) onCluster(ctx context.Context, s share) ([]figures.Result, error) {
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
	args := append([]string{"up", "-state", filepath.Join(dir, "cluster")}, s.Series.parts()...)
	args = append(args, "--", self, "-inside", string(inside), "-result", result, "-program", o.program, "-profile", o.profile)
	cmd := exec.CommandContext(ctx, o.kubenode, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	failed := cmd.Run()
	text, err := os.ReadFile(result)
	if failed != nil && errors.Is(err, os.ErrNotExist) {
		return nil, failed
	}
	if err != nil {
		return nil, errors.Join(failed, err)
	}
	var results []figures.Result
	err = json.Unmarshal(text, &results)
	return results, errors.Join(failed, err)
}

// Names of the files that are written.
const (
	tables  = "bench.md"
	numbers = "bench.json"
)

func (r report) write(o options) error {
	text := r.markdown()
	if err := os.WriteFile(filepath.Join(o.out, tables), text, 0o644); err != nil {
		return err
	}
	if o.page != "" {
		if err := renew(o.page, text); err != nil {
			return err
		}
	}
	return writeJSON(filepath.Join(o.out, numbers), r)
}

func (r report) markdown() []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "`%s` at %s on %s, %s, %d CPUs, load averages %s before it, in %.0f s. Medians, [least..largest].\n\n",
		r.Set, r.Commit, r.Time.Format(time.DateOnly), r.Go, r.CPUs, r.Load, r.Seconds)
	groups := figures.Groups(r.Results)
	figures.WriteVerdicts(&text, groups)
	figures.WriteTables(&text, groups)
	return text.Bytes()
}

// What a page has before and after the tables.
const (
	markBegin = "<!-- What follows is written by e2e/bench.sh -page. -->\n"
	markEnd   = "<!-- End of what e2e/bench.sh -page has written. -->\n"
)

// around returns what a page has before the tables and after them.
func around(page string) (before, after []byte, err error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return nil, nil, err
	}
	before, rest, begins := bytes.Cut(text, []byte(markBegin))
	_, after, ends := bytes.Cut(rest, []byte(markEnd))
	if !begins || !ends {
		return nil, nil, fmt.Errorf("writing the tables into %s: it lacks the lines %q and %q", page, markBegin, markEnd)
	}
	return before, after, nil
}

// renew puts the tables into a page.
func renew(page string, text []byte) error {
	before, after, err := around(page)
	if err != nil {
		return err
	}
	return os.WriteFile(page, slices.Concat(before, []byte(markBegin+"\n"), text, []byte(markEnd), after), 0o644)
}

// load returns the load averages.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}
