package figures

import (
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
	most     float64
	least    float64
	unit     string
}

func verdicts() []verdict {
	return []verdict{
		{"dispatch p50, chain, against S1", ratio(Chain, dispatchP50, K8sorch, Floor), 1.3, 0, "×"},
		{"dispatch p99, chain, against S1", ratio(Chain, dispatchP99, K8sorch, Floor), 1.3, 0, "×"},
		{"dispatch p50, chain: S2 against k8sorch", ratio(Chain, dispatchP50, JobComplete, K8sorch), 0, 100, "×"},
		{"dispatch p50, chain: S3 against k8sorch", ratio(Chain, dispatchP50, PollLoop, K8sorch), 0, 300, "×"},
		{"steps/s, layers, of S1's", ratio(Layers, rate, K8sorch, Floor), 0, 0.7, "×"},
		{"steps/s, layers, of S2's", ratio(Layers, rate, K8sorch, JobComplete), 0, 20, "×"},
		{"requests per step without watches, chain", only(Chain, requests), 1.01, 0, ""},
		{"peak RSS, 1,000 steps in layers", only(Layers, memory), 40, 0, " MB"},
		{"peak RSS, 10,000 steps in layers", only(Large, memory), 80, 0, " MB"},
		{"restart to first create, 10,000 steps, without the two lists", only(RestartLarge, beyondLists), 1000, 0, " ms"},
		{"restart to first create, 1,000 steps, without the two lists", only(Restart, beyondLists), 1000, 0, " ms"},
		{"time per step, real kubelet, of S2's", ratio(Node, stepSeconds, K8sorch, JobComplete), 0.2, 0, "×"},
		{"the same, steps without a token", ratio(Node, stepSeconds, K8sorch+rightless, JobComplete), 0.7, 0, "×"},
	}
}

// rightless tells the cells apart of which one has steps without a token.
const rightless = ", rightless"

// median returns that of a figure of one system in one series; NaN where it is not known.
func median(groups []Group, series, system string, figure func(Result) float64) float64 {
	for _, g := range groups {
		name := g[0].System
		if g[0].Rightless {
			name += rightless
		}
		if g[0].Series == series && name == system {
			return g.Spread(figure).Median
		}
	}
	return math.NaN()
}

func only(series string, figure func(Result) float64) func([]Group) float64 {
	return func(groups []Group) float64 { return median(groups, series, K8sorch, figure) }
}

func ratio(series string, figure func(Result) float64, over, under string) func([]Group) float64 {
	return func(groups []Group) float64 {
		return median(groups, series, over, figure) / median(groups, series, under, figure)
	}
}

// WriteVerdicts writes what must be beside what was measured.
func WriteVerdicts(w io.Writer, groups []Group) {
	var rows [][]string
	for _, v := range verdicts() {
		rows = append(rows, v.row(v.measured(groups)))
	}
	Markdown(w, []string{"what", "must be", "measured", "verdict"}, rows)
}

func (v verdict) row(measured float64) []string {
	bound := "at most " + short(v.most)
	met := measured <= v.most
	if v.least > 0 {
		bound, met = "at least "+short(v.least), measured >= v.least
	}
	switch {
	case math.IsNaN(measured):
		return []string{v.what, bound + v.unit, none, "not measured"}
	case met:
		return []string{v.what, bound + v.unit, short(measured) + v.unit, "met"}
	}
	return []string{v.what, bound + v.unit, short(measured) + v.unit, "**not met**"}
}
