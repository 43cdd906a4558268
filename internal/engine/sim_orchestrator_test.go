package engine_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/org/k8sorch/internal/engine"
)

// orchestrator is a machine with a view of the world, and the calls it has under way. It is the driver without its
// goroutines.
type orchestrator struct {
	world      *world
	number     int
	machine    *machine
	view       map[string]*view
	busy       map[string]bool
	dead, done bool
	// told tells that the machine knows that the run is gone, stopped that it was asked to stop, and not too late, drained
	// that it was asked to drain.
	told, stopped, drained bool
	lastStart              time.Time
	lastStarted            string
	doneAt                 time.Time
	recent                 map[string][]time.Time
	// ran is when this orchestrator first saw each step to have run.
	ran map[string]time.Time
	// cut tells which of the watches brings nothing for now, succeeded which steps were reported so.
	// news tells that the machine was told something since what it reports was looked at.
	cut       [2]bool
	succeeded map[string]bool
	news      bool
}

// boot starts an orchestrator, as soon as the API can be reached: a new machine is fed with what the world has.
func (w *world) boot() {
	if w.now.Before(w.frozen) {
		w.agenda.add(w.frozen, w.boot)
		return
	}
	given := w.plan
	if w.hooks.plan != nil {
		given = w.hooks.plan(given)
	}
	machine, err := w.newMachine(given, engine.NewMachine)
	if err != nil {
		w.breachf(terminates, "making the machine: %v", err)
		return
	}
	w.boots++
	o := &orchestrator{
		world: w, number: w.boots, machine: machine, view: map[string]*view{}, busy: map[string]bool{},
		recent: map[string][]time.Time{}, ran: map[string]time.Time{}, succeeded: map[string]bool{},
	}
	for _, t := range w.steps {
		o.view[t.Name] = w.firstView(t)
		if len(t.pods)+len(t.closed) > 0 {
			// The last orchestrator may have started something this very moment.
			o.lastStart = w.now
		}
	}
	if len(w.orchestrators) > 0 {
		w.tried[rivalBoot]++
	}
	w.orchestrators = append(w.orchestrators, o)
	w.notef("orchestrator %d starts", w.boots)
	for _, t := range w.steps {
		o.observe(t.Name)
	}
	o.hearDrain()
	o.hearStop()
	o.advance()
}

// firstView is what an orchestrator begins with: the truth, read past every cache.
func (w *world) firstView(t *truth) *view {
	v := &view{version: t.version, seen: t.snapshot()}
	if w.hooks.staleBoot {
		v.seen = engine.Observation{}
	}
	return v
}

// hearStop passes on that the run was asked to stop.
func (o *orchestrator) hearStop() {
	if o.world.stopAsked != "" && !o.dead && !o.done && !o.world.hooks.deafToStop {
		o.machine.Stop(o.world.stopAsked)
		// It may have come too late.
		o.stopped = o.machine.StopReason() == o.world.stopAsked
		o.advance()
	}
}

// hearDrain passes on that the run was asked to drain.
func (o *orchestrator) hearDrain() {
	if o.world.drainAsked == "" || o.dead || o.done {
		return
	}
	o.drained = true
	if !o.world.hooks.deafToDrain {
		o.machine.Drain(o.world.drainAsked)
	}
}

func (o *orchestrator) wake() time.Time {
	if o.dead || o.done {
		return time.Time{}
	}
	return o.machine.Wake()
}

// advance carries out what the machine commands, and checks it.
func (o *orchestrator) advance() {
	if o.dead || o.done {
		return
	}
	commands := o.machine.Advance(o.world.now)
	if o.world.hooks.twice {
		commands = slices.Concat(commands, commands)
	}
	o.check(commands)
	o.checkStatuses(len(commands) > 0)
	for _, c := range commands {
		if o.dead {
			return
		}
		o.world.notef("%d: %s %s/%d", o.number, c.Do, c.Step, c.Attempt)
		o.send(call{Command: c})
	}
	if o.machine.Done() || o.machine.Halted() {
		o.done, o.doneAt = true, o.world.now
	}
}

// call is a command on its way to the cluster, possibly for the second time; took tells that it took effect already.
type call struct {
	engine.Command
	try  int
	took bool
}

// send lets a call arrive at the cluster after a while. When the orchestrator dies on the way, it may still arrive.
func (o *orchestrator) send(c call) {
	w := o.world
	if w.point(o) && !w.lastWords {
		return
	}
	delay := upTo(w.choose, pick(w.choose, 20*time.Millisecond, 20*time.Millisecond, 2*time.Second))
	if delay > time.Second {
		w.tried[callDelayed]++
	}
	w.after(delay, func() { o.arrive(c) })
}

func (o *orchestrator) arrive(c call) {
	w := o.world
	switch {
	case o.dead && w.lastWords, o.dead && len(w.crashAt) == 0 && oneIn(w.choose, 2):
		w.carryOut(c)
		return
	case o.dead:
		return
	case w.now.Before(w.frozen) || oneIn(w.choose, w.faults.calls):
		w.tried[callDropped]++
		o.repeat(c)
		return
	case oneIn(w.choose, w.faults.late):
		// An API server goes on for as long as a minute with a request whose client has given it up: its --request-timeout.
		w.tried[callLate]++
		w.after(upTo(w.choose, time.Minute), func() { w.carryOut(c) })
		o.repeat(c)
		return
	}
	answer := w.carryOut(c)
	gone := answer.Confirmation.RunGone
	if c.Do == engine.Confirm && w.hooks.confirm != nil {
		w.hooks.confirm(&answer.Confirmation)
	}
	c.took = true
	if w.point(o) {
		return
	}
	if oneIn(w.choose, w.faults.calls) {
		w.tried[answerLost]++
		o.repeat(c)
		return
	}
	w.after(upTo(w.choose, 20*time.Millisecond), func() {
		o.told = o.told || gone && !o.dead
		o.answer(c.Command, answer)
	})
}

// repeat sends a call again whose answer did not come.
func (o *orchestrator) repeat(c call) {
	w := o.world
	w.notef("%d: no answer to %s %s/%d", o.number, c.Do, c.Step, c.Attempt)
	o.machine.Trouble(c.Command, fmt.Sprintf("cannot %s", c.Do))
	w.after(min(time.Second<<c.try, 15*time.Second), func() {
		c.try = min(c.try+1, 5)
		switch {
		case o.dead:
		case o.inView(c.Command):
			o.answer(c.Command, engine.Answer{})
		default:
			w.tried[callRepeated]++
			if w.hooks.again != nil {
				w.hooks.again(&c.Command)
			}
			o.send(c)
		}
	})
}

// inView tells that the answer to a start can be read off the view.
func (o *orchestrator) inView(c engine.Command) bool {
	seen := o.view[c.Step].observation()
	return c.Do == engine.Start && (seen.Result != nil ||
		slices.ContainsFunc(seen.Sightings, func(sg engine.Sighting) bool { return sg.Attempt == c.Attempt }))
}

func (o *orchestrator) answer(c engine.Command, a engine.Answer) {
	w := o.world
	if o.dead || w.hooks.mute != nil && w.hooks.mute(c) {
		return
	}
	delete(o.busy, c.Step)
	o.view[c.Step].wrote(c, a, w.byName[c.Step])
	o.observe(c.Step)
	o.machine.Answer(c, a, w.now)
	o.news = true
	w.point(o)
}

// crash ends an orchestrator at this very moment. What it has sent may still arrive; another one is started.
func (w *world) crash(o *orchestrator) {
	if o.dead || o.done {
		return
	}
	w.notef("orchestrator %d crashes", o.number)
	o.dead = true
	w.crashes++
	w.tried[orchestratorEnd]++
	w.orchestrators = slices.DeleteFunc(w.orchestrators, func(other *orchestrator) bool { return other == o })
	// Longer than anything takes that is under way.
	w.after(3*time.Second+upTo(w.choose, 30*time.Second), w.boot)
}

// point is a point at which the orchestrator may crash. It tells whether it did.
func (w *world) point(o *orchestrator) bool {
	w.visited++
	if w.visited == w.rivalAt {
		w.after(0, w.boot)
	}
	if slices.Contains(w.crashAt, w.visited) {
		w.crash(o)
	}
	return o.dead
}
