package engine_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// FuzzMachine lets the bytes choose a plan, a script and everything that happens in the world, which still is a world:
// all rules have to hold.
func FuzzMachine(f *testing.F) {
	for i := range byte(8) {
		f.Add([]byte{i, 0, 0, 0, 0, 0, 0, 0})
		f.Add(slices.Repeat([]byte{i, 255 - i, 7 * i, 31}, 200))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 8 {
			return
		}
		script := randomScript(binary.LittleEndian.Uint64(data))
		mustHold(t, "these bytes", func() *world {
			c := &scarce{bytes: data[8:]}
			return newWorld(randomPlan(c), script, c, allFaults())
		})
	})
}

// FuzzMoves lets the bytes tell the machine anything at all, in any order, whether it makes sense or not.
func FuzzMoves(f *testing.F) {
	for i := range byte(8) {
		f.Add(slices.Repeat([]byte{i, 255 - i, 7 * i, 31}, 40))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &scarce{bytes: data}
		machine, err := engine.NewMachine(randomPlan(c))
		if err != nil {
			t.Fatal(err)
		}
		d := &mover{rig: rigFor(t, machine), choose: c, plan: randomPlan(&scarce{bytes: data}), results: map[string]bool{}, busy: map[string]bool{}}
		for len(c.bytes) > 0 {
			d.move()
			d.advance()
		}
		d.finish()
	})
}

// mover makes moves and checks what no move may bring about.
type mover struct {
	*rig
	choose  *scarce
	plan    engine.Plan
	busy    map[string]bool
	results map[string]bool
}

func (d *mover) move() {
	step := d.plan.Steps[d.choose.IntN(len(d.plan.Steps))].Name
	switch d.choose.IntN(16) {
	case 0:
		d.Stop("")
	case 1:
		d.Trouble(d.last[step], "trouble")
	case 2, 3:
		d.sleep(time.Duration(d.choose.IntN(256)) * time.Second)
	case 4:
		if oneIn(d.choose, 20) {
			d.Halt()
		}
	case 10:
		d.Drain("")
	case 5, 6, 7, 8, 9:
		d.observe(step, d.observation(step))
	default:
		d.reply(step)
	}
}

func (d *mover) observation(step string) engine.Observation {
	o := engine.Observation{Result: d.result(step)}
	for range d.choose.IntN(3) {
		o.Sightings = append(o.Sightings, *d.sighting(step))
	}
	for range d.choose.IntN(3) {
		o.Closed = append(o.Closed, record.Attempt{Attempt: d.choose.IntN(5), End: d.end()})
	}
	return o
}

func (d *mover) result(step string) *record.Result {
	if !oneIn(d.choose, 8) {
		return nil
	}
	d.results[step] = true
	return result(step, d.choose.IntN(5))
}

func (d *mover) end() record.End {
	return record.End{Outcome: pick(d.choose, "", record.Failed, record.Lost, record.NotStarted, record.Stopped), Permanent: oneIn(d.choose, 4)}
}

func (d *mover) sighting(step string) *engine.Sighting {
	sg := &engine.Sighting{
		Attempt: d.choose.IntN(5), UID: pick(d.choose, "u", "v"), Phase: pick(d.choose, engine.Waiting, engine.Queued, engine.Running, engine.Ended, ""),
		Reason: pick(d.choose, "", fatalReason, "Other"), Deleting: oneIn(d.choose, 4), Litter: oneIn(d.choose, 4), End: d.end(),
	}
	if oneIn(d.choose, 3) {
		sg.Result = result(step, sg.Attempt)
	}
	return sg
}

// reply answers a command, in one of the ways that there are.
func (d *mover) reply(step string) {
	if !d.busy[step] {
		return
	}
	c := d.last[step]
	a := engine.Answer{}
	switch c.Do {
	case engine.Start:
		if oneIn(d.choose, 2) {
			a.Refusal = &engine.Refusal{Queued: oneIn(d.choose, 2), Permanent: oneIn(d.choose, 2), Reason: "No"}
		}
	case engine.Commit:
		a.Standing = &c.Result
		d.results[step] = true
	case engine.Confirm:
		a.Confirmation.Result = d.result(step)
		if oneIn(d.choose, 2) {
			a.Confirmation.Sighting = d.sighting(step)
			a.Confirmation.Sighting.Attempt = c.Attempt
		}
	}
	d.busy[step] = false
	d.answer(step, a)
}

func (d *mover) advance() {
	d.Helper()
	for _, c := range d.Advance(d.now) {
		if d.busy[c.Step] || d.Halted() {
			d.Fatalf("%s %s/%d is commanded; under way: %t, halted: %t", c.Do, c.Step, c.Attempt, d.busy[c.Step], d.Halted())
		}
		d.busy[c.Step], d.last[c.Step] = true, c
		if c.Do == engine.Start && d.results[c.Step] {
			d.Fatalf("%s/%d is started though it has a result", c.Step, c.Attempt)
		}
	}
	if again := d.Advance(d.now); len(again) > 0 {
		d.Fatalf("%v is commanded though nothing has changed", again)
	}
	if wake := d.Wake(); !wake.IsZero() && !wake.After(d.now) {
		d.Fatalf("the machine wants to be woken at %s, and it is %s", wake, d.now)
	}
	for _, s := range d.plan.Steps {
		if outcome := d.Status(s.Name).Outcome; outcome == record.Succeeded != (d.results[s.Name] && outcome != "") {
			d.Fatalf("the outcome of %s is %q; it has a result: %t", s.Name, outcome, d.results[s.Name])
		}
	}
}

// finish gives every step a result and everything an answer: the run has to end then.
func (d *mover) finish() {
	if d.Halted() {
		return
	}
	for range 5 {
		for _, s := range d.plan.Steps {
			d.results[s.Name] = true
			d.succeed(s.Name, 1)
			if d.busy[s.Name] {
				d.busy[s.Name] = false
				d.answer(s.Name, engine.Answer{Standing: result(s.Name, 1)})
			}
		}
		d.advance()
	}
	if got := d.Outcome(); !d.Done() || got != record.Succeeded {
		d.Fatalf("done: %t, outcome %s though every step has a result", d.Done(), got)
	}
}
