package figures

import "math"

// Group are the results of one cell of a series, of all rounds.
type Group []Result

// Groups returns the results by cell, in the order in which they came.
func Groups(results []Result) []Group {
	type key struct {
		series string
		cell   Cell
	}
	at := map[key]int{}
	var groups []Group
	for _, r := range results {
		k := key{r.Series, r.Cell}
		i, known := at[k]
		if !known {
			i = len(groups)
			at[k], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

// Spread returns the spread of a figure over the rounds in which it is known.
func (g Group) Spread(figure func(Result) float64) Spread {
	var values []float64
	for _, r := range g {
		if v := figure(r); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	return SpreadOf(values)
}

// Names of figures, and how they are found in a result.
var (
	dispatchP50  = dispatch(func(d *Dispatch) float64 { return d.P50 })
	dispatchP90  = dispatch(func(d *Dispatch) float64 { return d.P90 })
	dispatchP99  = dispatch(func(d *Dispatch) float64 { return d.P99 })
	rate         = func(r Result) float64 { return r.StepsPerSecond }
	stepSeconds  = func(r Result) float64 { return known(r.StepSeconds) }
	beginSeconds = func(r Result) float64 { return known(r.BeginSeconds) }
	restart      = func(r Result) float64 { return known(r.Restart) }
	lists        = func(r Result) float64 { return known(r.Lists) }
	memory       = func(r Result) float64 { return known(r.Memory[Orchestrator]) }
	requests     = func(r Result) float64 {
		if len(r.Requests.Calls) == 0 {
			return math.NaN()
		}
		return r.perStep()
	}
)

func dispatch(of func(*Dispatch) float64) func(Result) float64 {
	return func(r Result) float64 {
		if r.Dispatch == nil {
			return math.NaN()
		}
		return of(r.Dispatch)
	}
}

// cpu returns the figure of one or several processes together.
func cpu(processes ...string) func(Result) float64 {
	return func(r Result) float64 {
		sum := 0.0
		for _, p := range processes {
			sum += r.perThousand(p)
		}
		return known(sum)
	}
}

// known returns a figure that cannot be 0, and NaN where it is.
func known(v float64) float64 {
	if v == 0 {
		return math.NaN()
	}
	return v
}
