package engine_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
)

var (
	runs = flag.Int("runs", 10_000, "how many random runs to simulate; -short takes a twentieth, -race a quarter")
	seed = flag.Uint64("seed", 1, "the seed of the first random run")
)

// runsOf returns how many runs a test is to simulate that takes the given part of all.
func runsOf(part int) int {
	n := *runs / part
	if testing.Short() {
		n /= 20
	}
	if raced {
		n /= 4
	}
	return max(n, 1)
}

// randomWorld returns the run of a seed.
func randomWorld(seed uint64, f faults) *world {
	return newWorld(randomPlan(seeded(seed, "plan")), randomScript(seed), seeded(seed, "world"), f)
}

// mustHold lets a run go to its end, and fails the test if it breaks a rule. The run is repeated to show how.
func mustHold(t *testing.T, name string, begin func() *world) *world {
	t.Helper()
	w := begin()
	w.run()
	w.judge()
	if w.problem == nil {
		return w
	}
	w = begin()
	w.trace = new([]string)
	w.run()
	w.judge()
	t.Fatalf("%s: %v\nplan: %+v\n%s", name, w.problem, w.plan, strings.Join(*w.trace, "\n"))
	return nil
}

func TestRandomRunsKeepTheRules(t *testing.T) {
	t.Parallel()
	for i := range uint64(runsOf(1)) {
		seed := *seed + i
		mustHold(t, fmt.Sprintf("seed %d", seed), func() *world { return randomWorld(seed, allFaults()) })
	}
}
