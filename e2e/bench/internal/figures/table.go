package figures

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// column is a column of a table of one series.
type column struct {
	title string
	value func(Group) string
}

func spread(title string, figure func(Result) float64) column {
	return column{title, func(g Group) string { return g.Spread(figure).String() }}
}

// names say which cell of the series a row is of.
func names() []column {
	return []column{
		{"system", func(g Group) string { return g[0].name() }},
		{"graph", func(g Group) string { return g[0].Shape }},
	}
}

// times are what the first table of a series has. Columns that nobody has a figure for are left out.
func times() []column {
	return []column{
		{"runs", func(g Group) string { return strconv.Itoa(len(g)) }},
		spread("dispatch p50, ms", dispatchP50), spread("p90", dispatchP90), spread("p99", dispatchP99),
		spread("steps/s", rate),
		spread("time per step, s", stepSeconds), spread("of which pod and process come up, s", beginSeconds),
		{"run, s, of at least", func(g Group) string {
			if g[0].CriticalSeconds == 0 {
				return none
			}
			return g.Spread(func(r Result) float64 { return r.Seconds }).String() + " of " + short(g[0].CriticalSeconds)
		}},
		spread("start to first create, ms", func(r Result) float64 { return known(r.FirstStep) }),
		spread("restart to first create, ms", restart), spread("two lists at once, by another client", lists),
	}
}

// costs are what the second table has.
func costs() []column {
	return []column{
		spread("requests/step", requests),
		{"watches", func(g Group) string {
			if len(g[0].Requests.Calls) == 0 {
				return none
			}
			return g.Spread(func(r Result) float64 { return float64(r.watches()) }).String()
		}},
		spread("429s", func(r Result) float64 { return known(float64(r.Throttled)) }),
		spread("peak RSS, MB", memory), spread("of all orchestrators", func(r Result) float64 { return known(r.AllMemory) }),
		spread("CPU-s per 1,000 steps: orchestrator", cpu(Orchestrator)),
		spread("API server", cpu("kube-apiserver")), spread("etcd", cpu("etcd")), spread("controller manager", cpu("kube-controller-manager")),
		spread("scheduler", cpu("kube-scheduler")), spread("kubelet", cpu("kubelet")),
	}
}

// none is what stands where there is no figure.
const none = "–"

func (r Result) watches() (n int) {
	for _, w := range r.Requests.Watches {
		n += w
	}
	return n
}

// killed tells a cell from that of the same system that was left alone.
const killed = ", killed at half"

// name is what people call a cell, beside its shape.
func (c Cell) name() string {
	switch {
	case c.Kill:
		return c.System + killed
	case c.Access != "":
		return c.System + ", " + c.Access
	case c.AtOnce > 0:
		return fmt.Sprintf("%s, %d runs at once", c.System, c.AtOnce)
	}
	return c.System
}

// WriteTables writes the tables of each series.
func WriteTables(w io.Writer, groups []Group) {
	for len(groups) > 0 {
		series := groups[0][0].Series
		n := len(groups)
		if i := slices.IndexFunc(groups, func(g Group) bool { return g[0].Series != series }); i > 0 {
			n = i
		}
		fmt.Fprintf(w, "### %s\n\n", series)
		if series == OneProcess {
			writeBenchmarks(w, groups[:n])
		} else {
			writeTable(w, times(), groups[:n])
			writeTable(w, costs(), groups[:n])
			writeRequests(w, groups[:n])
		}
		groups = groups[n:]
	}
}

// writeTable writes one table, unless there is nothing in it.
func writeTable(w io.Writer, of []column, groups []Group) {
	of = slices.DeleteFunc(of, func(c column) bool {
		return !slices.ContainsFunc(groups, func(g Group) bool { return c.value(g) != none })
	})
	if len(of) == 0 {
		return
	}
	of = append(names(), of...)
	var titles []string
	rows := make([][]string, len(groups))
	for _, c := range of {
		titles = append(titles, c.title)
		for i, g := range groups {
			rows[i] = append(rows[i], c.value(g))
		}
	}
	Markdown(w, titles, rows)
}

// Markdown writes a table.
func Markdown(w io.Writer, titles []string, rows [][]string) {
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(titles, " | "), strings.Repeat("---|", len(titles)))
	for _, row := range rows {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
	}
	fmt.Fprintln(w)
}

// writeRequests lists what the orchestrators asked for in the last round.
func writeRequests(w io.Writer, groups []Group) {
	for _, g := range groups {
		last := g[len(g)-1]
		var all []string
		for _, what := range slices.Sorted(maps.Keys(last.Requests.Calls)) {
			all = append(all, fmt.Sprintf("%d %s", last.Requests.Calls[what], what))
		}
		for _, what := range slices.Sorted(maps.Keys(last.Requests.Watches)) {
			all = append(all, fmt.Sprintf("%d %s", last.Requests.Watches[what], what))
		}
		if len(all) > 0 {
			fmt.Fprintf(w, "%s, %d steps of %s: %s.\n\n", last.name(), last.Steps, last.Shape, strings.Join(all, ", "))
		}
	}
}
