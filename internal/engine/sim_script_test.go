package engine_test

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// script says what each attempt does. It depends on nothing but the seed, the step and the attempt: the same happens to
// an attempt however the run around it goes.
type script func(step string, attempt int) behaviour

// kind is how an attempt ends when it is left alone.
type kind string

const (
	commits             kind = "commits"
	reports             kind = "reports its result only"
	commitsThenFails    kind = "commits, then fails"
	commitsThenVanishes kind = "commits, then vanishes"
	fails               kind = "fails"
	lost                kind = "is lost"
	vanishes            kind = "vanishes"
	stuck               kind = "never starts"
	cannotStart         kind = "waits for a fatal reason"
	refused             kind = "is refused"
	unreachable         kind = "is cut off with its node, and gone much later"
	outlives            kind = "vanishes from the cluster, but commits later"
	cached              kind = "is not needed, for the cluster has the value"
)

type behaviour struct {
	kind kind
	// queue, wait, work and exit are how long it is Queued, Waiting, Running, and Running after it has committed.
	queue, wait, work, exit time.Duration
	// grace is how long it takes to go when it is removed.
	grace time.Duration
	// refusals is how often its start is refused for want of quota.
	refusals int
	// stubborn ones commit their result when they are removed.
	stubborn, permanent, litter bool
}

// end is how the attempt ends when it is left alone.
func (b behaviour) end() record.End {
	switch b.kind {
	case fails:
		return record.End{Outcome: record.Failed, Reason: "Error", Permanent: b.permanent}
	case lost:
		return record.End{Outcome: record.Lost, Reason: "Evicted"}
	case vanishes, unreachable, outlives:
		return record.End{Outcome: record.Lost, Reason: "Vanished"}
	case stuck:
		return record.End{Outcome: record.NotStarted, Reason: "StartupTimeout"}
	case cannotStart:
		return record.End{Outcome: record.NotStarted, Reason: fatalReason, Permanent: true}
	case refused:
		return record.End{Outcome: record.NotStarted, Reason: "Denied", Permanent: b.permanent}
	}
	return record.End{Outcome: record.Succeeded}
}

const (
	fatalReason    = "ErrImagePull"
	fatalGrace     = 20 * time.Second
	startupTimeout = time.Minute
)

// randomScript lets one attempt in two, four or ten go wrong in some way.
func randomScript(seed uint64) script {
	odds := pick(seeded(seed, "script"), 2, 4, 10)
	return func(step string, attempt int) behaviour {
		c := seeded(seed, fmt.Sprintf("%s/%d", step, attempt))
		b := behaviour{
			kind: pick(c, commits, commits, reports, commitsThenFails, commitsThenVanishes, cached),
			wait: upTo(c, 20*time.Second), work: upTo(c, pick(c, time.Second, 20*time.Second, 5*time.Minute)), exit: upTo(c, 4*time.Second),
			grace: upTo(c, pick(c, time.Second, 30*time.Second, 10*time.Minute)),
		}
		if oneIn(c, odds) {
			b.kind = pick(c, fails, fails, fails, lost, vanishes, stuck, cannotStart, refused, unreachable)
		}
		if oneIn(c, 8) {
			b.queue = upTo(c, 5*time.Minute)
		}
		if oneIn(c, 8) {
			b.refusals = 1 + c.IntN(4)
		}
		b.stubborn, b.permanent, b.litter = oneIn(c, 3), oneIn(c, 6), oneIn(c, 6)
		return b
	}
}

// fate is what becomes of a step whose run nobody stops.
type fate struct {
	outcome record.Outcome
	// spent counts the attempts that ended without success, by outcome.
	spent map[record.Outcome]int
}

// foretell follows the script through a step's budgets, attempt by attempt.
func foretell(s engine.Step, does script) fate {
	f := fate{spent: map[record.Outcome]int{}}
	for attempt := 1; ; attempt++ {
		end := does(s.Name, attempt).end()
		if end.Outcome == record.Succeeded {
			f.outcome = record.Succeeded
			return f
		}
		f.spent[end.Outcome]++
		if end.Permanent || f.spent[end.Outcome] > budgetOf(s, end.Outcome).Retries {
			f.outcome = end.Outcome
			return f
		}
	}
}

// foretellAll returns the fate of every step of a run in which a failure stops nothing but what depends on it.
func foretellAll(p engine.Plan, does script) map[string]fate {
	fates := map[string]fate{}
	for _, s := range p.Steps {
		f := foretell(s, does)
		for _, need := range s.Needs {
			if fates[need].outcome != record.Succeeded {
				f = fate{outcome: record.Skipped}
			}
		}
		fates[s.Name] = f
	}
	return fates
}

func budgetOf(s engine.Step, o record.Outcome) engine.Budget {
	return map[record.Outcome]engine.Budget{record.Failed: s.Failed, record.Lost: s.Lost, record.NotStarted: s.NotStarted}[o]
}
