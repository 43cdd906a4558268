package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// world holds the truth of a simulated run, and what is going to happen to it. Time passes from event to event.
type world struct {
	choose chooser
	faults faults
	plan   engine.Plan
	does   script
	hooks  hooks

	now           time.Time
	agenda        agenda
	steps         []*truth
	byName        map[string]*truth
	orchestrators []*orchestrator
	boots         int
	uids          int
	// stopAsked is what a stop was asked for with, drainAsked what a drain was; gone tells that the run was deleted.
	stopAsked, drainAsked string
	gone                  bool
	// frozen is until when the API server does not answer.
	frozen time.Time
	// loose leaves out the rules that hold only while nobody acts behind the orchestrator's back; unforeseen those that
	// take every step to have the fate that its script has for it.
	loose, unforeseen bool
	// retried lets the run be one that was retried.
	retried bool
	// problem is the first rule that was broken.
	problem *breach
	trace   *[]string
	// visited counts the points at which an orchestrator may crash; one does at those in crashAt. A second one starts at
	// the point rivalAt.
	visited int
	crashAt []int
	rivalAt int
	// lastWords tells that what an orchestrator sent before it crashed arrives; otherwise chance decides, or with crashAt
	// nothing does.
	lastWords bool

	crashes, troubles int
	tried             map[fault]int
}

// faults says what may go wrong, each with odds of one in so many; 0 is never.
type faults struct {
	calls, refusals, lag, cuts, blinks, outages, crashes, stops, drains, deletions int
	// late lets calls take effect after they were given up, meddling lets somebody delete pods. Both change what becomes of
	// a step: see unforeseen.
	late, meddling int
}

func allFaults() faults {
	return faults{
		calls: 10, refusals: 4, lag: 2, cuts: 40, blinks: 25, outages: 150, crashes: 80, stops: 5, drains: 5, deletions: 25,
	}
}

// hooks let a test break the world, to see that the checks notice.
type hooks struct {
	// plan changes the plan that the machine gets.
	plan func(engine.Plan) engine.Plan
	// view changes what orchestrators see of a step.
	view func(step string, o *engine.Observation)
	// confirm changes what the cluster says is the truth.
	confirm func(*engine.Confirmation)
	// ignore tells that a command is answered, but not carried out.
	ignore func(engine.Command) bool
	// mute tells that a command is carried out, but never answered.
	mute func(engine.Command) bool
	// ahead is carried out before a command, overwrites makes a later result record replace an earlier one.
	ahead      func(engine.Command) (engine.Command, bool)
	overwrites bool
	// twice makes the machine give each command two times.
	twice bool
	// again changes a call that is made again.
	again func(*engine.Command)
	// deafToStop and deafToDrain make orchestrators miss that a stop or a drain is asked for.
	deafToStop, deafToDrain bool
	// viewer changes what those see who only look.
	viewer func(*engine.Observation)
	// staleBoot makes an orchestrator that starts begin with the view that the last one had.
	staleBoot bool
}

// cutAsked tells that somebody has asked for the run to end early.
func (w *world) cutAsked() bool { return w.stopAsked != "" || w.drainAsked != "" }

func newWorld(p engine.Plan, does script, c chooser, f faults) *world {
	w := &world{choose: c, faults: f, plan: p, does: does, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), byName: map[string]*truth{}, tried: map[fault]int{}}
	for _, s := range p.Steps {
		t := &truth{Step: s, pods: map[int]*pod{}, ended: map[int]record.End{}, closedAt: map[int]time.Time{}, forceable: map[int]time.Time{}, denied: map[int]int{}, said: map[int]engine.Phase{}}
		w.steps = append(w.steps, t)
		w.byName[s.Name] = t
	}
	return w
}

// truth is what there is of a step.
type truth struct {
	engine.Step
	result *record.Result
	closed []record.Attempt
	pods   map[int]*pod
	// ended keeps how attempts ended whose process did, closedAt when they were closed, forceable when those that are on their
	// way out may be removed by force, denied how often a start was refused, said what a Confirm said last of an attempt.
	ended     map[int]record.End
	closedAt  map[int]time.Time
	denied    map[int]int
	said      map[int]engine.Phase
	forceable map[int]time.Time
	begun     bool
	// ran is when the process of the first attempt that ran started.
	ran time.Time
	// successes counts the result records that were made.
	successes int
	// version counts the changes of the pods and of the records.
	version [2]int
}

// isClosed tells that there is a record of the attempt, other than of a success.
func (t *truth) isClosed(attempt int) bool {
	return slices.ContainsFunc(t.closed, func(a record.Attempt) bool { return a.Attempt == attempt })
}

// The two watches that make up a view.
const (
	podsWatch = iota
	recordsWatch
)

func (w *world) after(d time.Duration, do func()) { w.agenda.add(w.now.Add(d), do) }

func (w *world) notef(format string, args ...any) {
	if w.trace != nil {
		*w.trace = append(*w.trace, w.now.Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
	}
}

// maxEvents bounds a run that does not end. It is far above what any run of a random plan takes.
const maxEvents = 60_000

// run lets time pass until the run has ended or a rule is broken.
func (w *world) run() {
	w.boot()
	w.scheduleFaults()
	for range maxEvents {
		if w.problem != nil || w.over() {
			return
		}
		w.tick()
	}
	w.breachf(terminates, "the run does not end; %s", w.describe())
}

// over tells that every orchestrator that lives says that the run has ended.
func (w *world) over() bool {
	return len(w.orchestrators) > 0 && !slices.ContainsFunc(w.orchestrators, func(o *orchestrator) bool { return !o.done })
}

// tick goes to the time of what happens next.
func (w *world) tick() {
	next := w.agenda.next()
	event := !next.IsZero()
	for _, o := range w.orchestrators {
		if wake := o.wake(); !wake.IsZero() && (next.IsZero() || wake.Before(next)) {
			next, event = wake, false
		}
	}
	if next.IsZero() {
		w.breachf(terminates, "nothing will ever happen again; %s", w.describe())
		return
	}
	if next.After(w.now) {
		w.now = next
	}
	if event {
		w.agenda.take().do()
	}
	for _, o := range slices.Clone(w.orchestrators) {
		o.advance()
	}
	w.maybeCrash()
}

func (w *world) describe() string {
	var b strings.Builder
	for _, o := range w.orchestrators {
		for _, s := range w.plan.Steps {
			st := o.machine.Status(s.Name)
			fmt.Fprintf(&b, "%s: %s attempt %d %s %s; ", s.Name, st.State, st.Attempt, st.Outcome, st.Why)
		}
	}
	return b.String()
}
