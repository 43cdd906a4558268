package engine_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var (
	seeds      = flag.Int("seeds", 2000, "how many seeds to simulate; -short takes a twentieth, -race a quarter")
	seed       = flag.Uint64("seed", 1, "the first seed")
	withReport = flag.Bool("report", false, "print how far the simulation is, and at the end what it has tried")
)

// seedCount returns how many seeds a test is to simulate.
func seedCount() int {
	n := *seeds
	if testing.Short() {
		n /= 20
	}
	if raced {
		n /= 4
	}
	return max(n, 1)
}

// enoughSeeds are so many that each fault must have been tried.
const enoughSeeds = 500

// maxViolations bounds how many seeds are told of that break a rule.
const maxViolations = 10

func TestSimulate(t *testing.T) {
	t.Parallel()
	var tried tally
	for i := range uint64(seedCount()) {
		simulate(t, *seed+i, &tried)
		if tried.violations >= maxViolations {
			t.Fatalf("%d violations; no further seed is tried", tried.violations)
		}
		if n := i + 1; *withReport && n%5000 == 0 {
			_, _ = fmt.Fprintf(os.Stdout, "%d of %d seeds, %d schedules, %d violations\n", n, seedCount(), tried.schedules, tried.violations)
		}
	}
	for _, f := range everyFault() {
		if tried.faults[f] == 0 && seedCount() >= enoughSeeds {
			t.Errorf("it never happened that %s; the test shows less than it says", f)
		}
	}
}

// simulate runs the worlds of a seed.
func simulate(t *testing.T, seed uint64, tried *tally) {
	t.Helper()
	var worlds []*world
	for _, k := range worldKinds() {
		w := finished(k.of(seed))
		if w.problem != nil {
			t.Errorf("seed %d, world %q: %v\n\tto repeat it: make simulate SEED=%d", seed, k.name, w.problem, seed)
			if *seeds == 1 {
				t.Log(traced(k.of(seed)))
			}
		}
		tried.add(w)
		worlds = append(worlds, w)
	}
	figures.ofRandom(worlds...)
}

// finished lets a world go to its end, and judges it.
func finished(w *world) *world {
	w.run()
	if w.problem == nil {
		w.judge()
	}
	return w
}

// traced lets a world go to its end, and tells what happened on the way.
func traced(w *world) string {
	w.trace = new([]string)
	finished(w)
	return fmt.Sprintf("plan: %+v\n%s", w.plan, strings.Join(*w.trace, "\n"))
}

// mustHold lets a world go to its end, and fails the test if it breaks a rule. The world is repeated to show how.
func mustHold(t *testing.T, name string, begin func() *world) *world {
	t.Helper()
	w := finished(begin())
	if w.problem != nil {
		t.Fatalf("%s: %v\n%s", name, w.problem, traced(begin()))
	}
	return w
}

func TestASeedIsRepeatedExactly(t *testing.T) {
	t.Parallel()
	for _, k := range worldKinds() {
		for seed := range uint64(20) {
			if first, second := traced(k.of(seed)), traced(k.of(seed)); first != second {
				t.Fatalf("seed %d, world %q: the second run differs from the first\n%s\n\n%s", seed, k.name, first, second)
			}
		}
	}
}
