// Package figures makes of what was measured what people read: percentiles, medians, tables and verdicts.
package figures

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Percentile returns the least of the sorted values that so many percent of them do not exceed; NaN of none.
func Percentile(sorted []float64, percent float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := int(math.Ceil(percent / 100 * float64(len(sorted))))
	return sorted[max(rank, 1)-1]
}

// Spread is what several runs gave for one figure.
type Spread struct {
	Median, Min, Max float64
}

// SpreadOf returns the spread of values, NaN of none. The median of an even number of them is the mean of the two in the
// middle.
func SpreadOf(values []float64) Spread {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return Spread{math.NaN(), math.NaN(), math.NaN()}
	}
	return Spread{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Min: sorted[0], Max: sorted[n-1]}
}

// String returns the median, and in brackets the least and the largest value where they differ from it.
func (s Spread) String() string {
	switch {
	case math.IsNaN(s.Median):
		return "–"
	case s.Min == s.Max:
		return short(s.Median)
	}
	return fmt.Sprintf("%s [%s..%s]", short(s.Median), short(s.Min), short(s.Max))
}

// short returns a figure with three digits, or all of those before the point.
func short(v float64) string {
	digits := 0
	for limit := 100.0; math.Abs(v) < limit && digits < 3; limit /= 10 {
		digits++
	}
	if v == math.Trunc(v) {
		digits = 0
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}
