package engine_test

import "time"

// worldKind is a kind of world that each seed has one of.
type worldKind struct {
	name string
	of   func(seed uint64) *world
}

func worldKinds() []worldKind {
	return []worldKind{
		{"one orchestrator", func(seed uint64) *world { return randomWorld(seed, allFaults()) }},
		{"two orchestrators at once", rivalsWorld},
		{"records that come late", lateRecordsWorld},
		{"pods that somebody deletes", meddledWorld},
		{"calls that arrive late", lateCallsWorld},
		{"a run that was retried", retriedWorld},
	}
}

// randomWorld returns the run of a seed.
func randomWorld(seed uint64, f faults) *world {
	return newWorld(randomPlan(seeded(seed, "plan")), randomScript(seed), seeded(seed, "world"), f)
}

func rivalsWorld(seed uint64) *world {
	f := allFaults()
	f.crashes *= 2
	w := randomWorld(seed, f)
	w.does, w.loose = traceable(w.does), true
	w.after(upTo(w.choose, 5*time.Minute), w.boot)
	return w
}

// traceable is a script in which every attempt leaves something behind. One that does not can be started again under its
// number by an orchestrator that was late to see it.
func traceable(does script) script {
	return func(step string, attempt int) behaviour {
		b := does(step, attempt)
		switch b.kind {
		case vanishes, unreachable:
			b.kind = fails
		case lost:
			b.grace = time.Hour
		}
		return b
	}
}

func lateRecordsWorld(seed uint64) *world {
	w := randomWorld(seed, allFaults())
	does := w.does
	w.loose, w.unforeseen = true, true
	w.does = func(step string, attempt int) behaviour {
		b := does(step, attempt)
		if b.kind == vanishes || b.kind == lost || b.kind == fails {
			b.kind = outlives
		}
		return b
	}
	return w
}

func retriedWorld(seed uint64) *world {
	w := randomWorld(seed, allFaults())
	w.retried = true
	return w
}

func meddledWorld(seed uint64) *world {
	f := allFaults()
	f.meddling = 3
	w := randomWorld(seed, f)
	w.unforeseen = true
	return w
}

func lateCallsWorld(seed uint64) *world {
	f := allFaults()
	f.late = 10
	w := randomWorld(seed, f)
	w.does, w.loose, w.unforeseen = traceable(w.does), true, true
	return w
}
