package figures

import (
	"fmt"
	"io"
	"math"
)

// The systems that are compared.
const (
	K8sorch     = "k8sorch"
	Floor       = "S1 floor"
	JobComplete = "S2 job-complete"
	PollLoop    = "S3 poll-loop"
)

// The series that verdicts are about.
const (
	Chain        = "Chain, stock controller manager"
	Layers       = "Layers, stock controller manager"
	Large        = "10,000 steps in layers, stock controller manager"
	Restart      = "Restart, stock controller manager"
	RestartLarge = "Restart at 10,000 steps, stock controller manager"
	Node         = "Real kubelet"
)

// verdict is one thing that must be.
type verdict struct {
	what string
	// measured returns the figure, NaN where it was not measured.
	measured func([]Group) float64
	// graphs says of which graphs the figure is where it compares two that differ; nil where it is of one cell.
	graphs func([]Group) string
	most   float64
	least  float64
	unit   string
	// lists returns how long the two lists took that may come on top of the most, NaN where that was not measured. It is nil
	// where nothing may.
	lists func([]Group) float64
}

func verdicts() []verdict { return append(ofClusters(), ofOneProcess()...) }

func ofClusters() []verdict {
	return []verdict{
		ratio(Chain, dispatchP50, K8sorch, Floor).atMost(1.3, "dispatch p50, chain, against S1"),
		ratio(Chain, dispatchP99, K8sorch, Floor).atMost(1.3, "dispatch p99, chain, against S1"),
		ratio(Chain, dispatchP50, JobComplete, K8sorch).atLeast(100, "dispatch p50, chain: S2 against k8sorch"),
		ratio(Chain, dispatchP50, PollLoop, K8sorch).atLeast(300, "dispatch p50, chain: S3 against k8sorch"),
		ratio(Layers, rate, K8sorch, Floor).atLeast(0.7, "steps/s, layers, of S1's"),
		ratio(Layers, rate, K8sorch, JobComplete).atLeast(20, "steps/s, layers, of S2's"),
		{what: "requests per step without watches, chain", measured: only(Chain, K8sorch, requests), most: 1.01},
		{what: "peak RSS, 1,000 steps in layers", measured: only(Layers, K8sorch, memory), most: 40, unit: " MB"},
		{what: "peak RSS, 10,000 steps in layers", measured: only(Large, K8sorch, memory), most: 80, unit: " MB"},
		restartOf(RestartLarge, "10,000 steps"),
		restartOf(Restart, "1,000 steps"),
		ratio(Node, stepSeconds, K8sorch, JobComplete).atMost(0.2, "time per step, real kubelet, of S2's"),
		ratio(Node, stepSeconds, K8sorch+", "+FromEnv, JobComplete).atMost(0.2, "the same, "+FromEnv),
		ratio(Node, stepSeconds, K8sorch+", "+Rightless, JobComplete).atMost(0.7, "the same, "+Rightless),
	}
}

// restartOf is about the restart in one series. Before its first create call an orchestrator has to read what two lists have.
func restartOf(series, of string) verdict {
	return verdict{
		what: "restart to first create, " + of, most: 1000, unit: " ms",
		measured: only(series, K8sorch+killed, restart), lists: only(series, K8sorch+killed, lists),
	}
}

// find returns the results of one cell, by its name, in one series; nil where there are none.
func find(groups []Group, series, cell string) Group {
	for _, g := range groups {
		if g[0].Series == series && g[0].name() == cell {
			return g
		}
	}
	return nil
}

// median returns that of a figure of one cell; NaN where it is not known.
func median(groups []Group, series, cell string, figure func(Result) float64) float64 {
	return find(groups, series, cell).Spread(figure).Median
}

func only(series, cell string, figure func(Result) float64) func([]Group) float64 {
	return func(groups []Group) float64 { return median(groups, series, cell, figure) }
}

// ratio compares a figure of two cells of one series, which need not have run the same graph.
func ratio(series string, figure func(Result) float64, over, under string) verdict {
	return verdict{
		unit: "×",
		measured: func(groups []Group) float64 {
			return median(groups, series, over, figure) / median(groups, series, under, figure)
		},
		graphs: func(groups []Group) string {
			a, b := find(groups, series, over), find(groups, series, under)
			if a == nil || b == nil || a[0].Shape == b[0].Shape {
				return ""
			}
			return fmt.Sprintf(" (%s against %s)", a[0].Shape, b[0].Shape)
		},
	}
}

func (v verdict) atMost(most float64, what string) verdict {
	v.most, v.what = most, what
	return v
}

func (v verdict) atLeast(least float64, what string) verdict {
	v.least, v.what = least, what
	return v
}

// WriteVerdicts writes what must be beside what was measured.
func WriteVerdicts(w io.Writer, groups []Group) {
	var rows [][]string
	for _, v := range verdicts() {
		rows = append(rows, v.row(groups))
	}
	Markdown(w, []string{"what", "must be", "measured", "verdict"}, rows)
}

func (v verdict) row(groups []Group) []string {
	measured := v.measured(groups)
	bound, met := v.bound(groups, measured)
	text := short(measured) + v.unit
	if v.graphs != nil {
		text += v.graphs(groups)
	}
	switch {
	case math.IsNaN(measured):
		return []string{v.what, bound, none, "not measured"}
	case met:
		return []string{v.what, bound, text, "met"}
	}
	return []string{v.what, bound, text, "**not met**"}
}

// bound says what must be, and whether the figure is so.
func (v verdict) bound(groups []Group, measured float64) (text string, met bool) {
	if v.least > 0 {
		return "at least " + short(v.least) + v.unit, measured >= v.least
	}
	text, most := "at most "+short(v.most)+v.unit, v.most
	if v.lists == nil {
		return text, measured <= most
	}
	text += " + the two lists"
	// What was not measured allows nothing.
	if more := v.lists(groups); !math.IsNaN(more) {
		text, most = text+", "+short(more)+v.unit, most+more
	}
	return text, measured <= most
}
