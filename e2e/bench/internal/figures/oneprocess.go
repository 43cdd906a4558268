package figures

import (
	"io"
	"math"
	"strconv"
	"strings"
)

// OneProcess is the series of what needs no cluster. The systems of its results are the names of benchmarks.
const OneProcess = "In one process"

// The benchmarks that verdicts are about, and their units.
const (
	build   = "Build/"
	machine = "Machine/"
	start   = "StepStart/"
	push    = "Push/changed"

	perOp  = "sec/op"
	events = "events/s"
	held   = "MiB-held"
)

func ofOneProcess() []verdict {
	return []verdict{
		{what: "100,000 steps declared and checked, the slowest graph", measured: slowest(build), most: 1000, unit: " ms"},
		{what: "the engine at the end of 100,000 steps, memory of the largest graph", measured: largest, most: 300, unit: " MB"},
		{what: "the engine's events per second, 100,000 steps, the slowest graph", measured: fewest, least: 500_000},
		{what: "a step's process until its function, over an empty program, 1 step", measured: startOver("one_of_1_steps"), most: 20, unit: " ms"},
		{what: "the same, 100 steps", measured: startOver("one_of_100_steps"), most: 20, unit: " ms"},
		{what: "an edit until the image is pushed, compilation left out", measured: slowest(push), most: 2000, unit: " ms"},
	}
}

// unit returns a figure of a benchmark's result.
func unit(name string) func(Result) float64 {
	return func(r Result) float64 {
		v, ok := r.Measured[name]
		if !ok {
			return math.NaN()
		}
		return v
	}
}

// medians returns those of the benchmarks whose names begin so; none where there are none.
func medians(groups []Group, prefix, of string) (all []float64) {
	for _, g := range groups {
		if g[0].Series == OneProcess && strings.HasPrefix(g[0].System, prefix) {
			all = append(all, g.Spread(unit(of)).Median)
		}
	}
	return all
}

// slowest returns the longest time of the benchmarks whose names begin so, in milliseconds.
func slowest(prefix string) func([]Group) float64 {
	return func(groups []Group) float64 { return 1000 * SpreadOf(medians(groups, prefix, perOp)).Max }
}

// largest returns the most memory that the engine holds, in MB.
func largest(groups []Group) float64 {
	return SpreadOf(medians(groups, machine, held)).Max * (1 << 20) / 1e6
}

func fewest(groups []Group) float64 { return SpreadOf(medians(groups, machine, events)).Min }

// startOver returns how much longer the start of a step takes than an empty program, in milliseconds.
func startOver(step string) func([]Group) float64 {
	return func(groups []Group) float64 {
		return slowest(start+step)(groups) - slowest(start+"empty_program")(groups)
	}
}

// writeBenchmarks writes the table of the series.
func writeBenchmarks(w io.Writer, groups []Group) {
	titles := []string{"benchmark", "runs", "time, ms", "events/s", "memory held, MiB"}
	var rows [][]string
	for _, g := range groups {
		ms := g.Spread(func(r Result) float64 { return 1000 * unit(perOp)(r) })
		rows = append(rows, []string{
			g[0].System, strconv.Itoa(len(g)), ms.String(), g.Spread(unit(events)).String(), g.Spread(unit(held)).String(),
		})
	}
	Markdown(w, titles, rows)
}
