package engine

import (
	"hash/fnv"
	"math"
	"strconv"
	"time"

	"github.com/org/k8sorch/internal/record"
)

// verdict says, from the records of a step's attempts alone, whether there is to be another one and how long after.
func (s *step) verdict() (again bool, delay time.Duration) {
	last := s.closed[len(s.closed)-1]
	budget, ok := s.budget(last.Outcome)
	if !ok || last.Permanent {
		return false, 0
	}
	spent := 0
	for _, a := range s.closed {
		if a.Outcome == last.Outcome {
			spent++
		}
	}
	if spent > budget.Retries {
		return false, 0
	}
	return true, budget.delay(spent, s.Name, last.Attempt)
}

func (s *step) budget(o record.Outcome) (Budget, bool) {
	switch o {
	case record.Failed:
		return s.Failed, true
	case record.Lost:
		return s.Lost, true
	case record.NotStarted:
		return s.NotStarted, true
	}
	return Budget{}, false
}

// delay returns the pause before the n-th further attempt, from 1. Chance is a hash of what is retried: the same in
// every orchestrator of the run, and different from step to step.
func (b Budget) delay(n int, step string, attempt int) time.Duration {
	if b.Delay <= 0 {
		return 0
	}
	d := float64(b.Delay) * math.Pow(max(b.Factor, 1), float64(n-1))
	if b.Cap > 0 {
		d = min(d, float64(b.Cap))
	}
	d *= 1 - b.Jitter*chance(step, attempt)
	return time.Duration(min(d, float64(math.MaxInt64/2)))
}

// chance returns a number from 0 to 1.
func chance(step string, attempt int) float64 {
	h := fnv.New32a()
	// A hash's Write returns no error.
	_, _ = h.Write([]byte(step + "\x00" + strconv.Itoa(attempt)))
	return float64(h.Sum32()) / math.MaxUint32
}
