package engine_test

import (
	"fmt"
	"testing"
	"time"
)

// traceable is a script in which every attempt leaves something behind. One that does not can be started again under its
// number by an orchestrator that was late to see it.
func traceable(does script) script {
	return func(step string, attempt int) behaviour {
		b := does(step, attempt)
		switch b.kind {
		case vanishes:
			b.kind = fails
		case lost:
			b.grace = time.Hour
		}
		return b
	}
}

func TestTwoOrchestratorsAtOnce(t *testing.T) {
	t.Parallel()
	f := allFaults()
	f.crashes *= 2
	for i := range uint64(runsOf(5)) {
		seed := *seed + i
		mustHold(t, fmt.Sprintf("seed %d", seed), func() *world {
			w := randomWorld(seed, f)
			w.does, w.loose = traceable(w.does), true
			w.after(upTo(w.choose, 5*time.Minute), w.boot)
			return w
		})
	}
}

func TestLateRecordsWin(t *testing.T) {
	t.Parallel()
	late := func(does script) script {
		return func(step string, attempt int) behaviour {
			b := does(step, attempt)
			if b.kind == vanishes || b.kind == lost || b.kind == fails {
				b.kind = outlives
			}
			return b
		}
	}
	won := 0
	for i := range uint64(runsOf(5)) {
		seed := *seed + i
		w := mustHold(t, fmt.Sprintf("seed %d", seed), func() *world {
			w := randomWorld(seed, allFaults())
			w.does, w.loose, w.unforeseen = late(w.does), true, true
			return w
		})
		won += w.wonLate()
	}
	if won == 0 {
		t.Error("no record was made after its attempt was closed; the test shows nothing")
	}
}

// wonLate counts the steps that succeeded by an attempt that was closed as something else.
func (w *world) wonLate() int {
	n := 0
	for _, t := range w.steps {
		for _, a := range t.closed {
			if t.result != nil && t.result.Attempt == a.Attempt && a.Reason == "Vanished" {
				n++
			}
		}
	}
	return n
}
