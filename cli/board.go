package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/org/k8sorch"
)

// board knows where every step stands, for a display that shows those that are under way.
type board struct {
	style   style
	cleaner cleaner
	rows    map[string]*row
	// active are the steps that are under way, in the order in which they came to be.
	active []*row
	upload pipeline.Event
}

// row is one step.
type row struct {
	step, state string
	attempt     int
	why         string
	// done is how far the attempt has said that it is.
	done  string
	since time.Time
}

func newBoard(s style) *board {
	return &board{style: s, cleaner: newCleaner(), rows: map[string]*row{}}
}

// take takes note of an event.
func (b *board) take(e pipeline.Event) {
	switch e.Kind {
	case pipeline.Transfer:
		b.upload = e
	case pipeline.StepChanged:
		b.upload = pipeline.Event{}
		b.step(e)
	case pipeline.StepProgress:
		if r := b.rows[e.Step]; r != nil && r.attempt == e.Attempt {
			r.done = done(b.cleaner, e)
		}
	}
}

func (b *board) step(e pipeline.Event) {
	r, ok := b.rows[e.Step]
	if !ok {
		r = &row{step: e.Step}
		b.rows[e.Step] = r
	}
	was, is := underWay(r.state), underWay(e.State)
	if r.state != e.State || r.attempt != e.Attempt {
		r.since = e.Time
	}
	if r.attempt != e.Attempt {
		r.done = ""
	}
	r.state, r.attempt, r.why = e.State, e.Attempt, firstLine(b.cleaner, e.Message)
	switch {
	case is && !was:
		b.active = append(b.active, r)
	case was && !is:
		b.leave(r)
	}
}

func (b *board) leave(r *row) {
	for i, other := range b.active {
		if other == r {
			b.active = append(b.active[:i], b.active[i+1:]...)
			return
		}
	}
}

// underWay tells whether a step in this state has an attempt, or is about to have one.
func underWay(state string) bool {
	return state != "" && state != "Pending" && state != "Ready" && state != stateDone
}

// frame draws the board in at most the given number of lines. What would not fit into the columns is cut off, where that
// can be long.
func (b *board) frame(now time.Time, columns, lines int) []string {
	var drawn []string
	if b.upload.Message != "" {
		drawn = append(drawn, b.cleaner.line(b.upload.Message)+bar(b.upload)+volume(b.upload))
	}
	if len(b.rows) == 0 {
		return drawn
	}
	room := max(lines-len(drawn)-1, 1)
	shown := b.active
	if len(shown) > room {
		shown = shown[:room-1]
	}
	names, states := widths(shown)
	for _, r := range shown {
		drawn = append(drawn, b.row(r, now, names, states, columns))
	}
	if more := len(b.active) - len(shown); more > 0 {
		drawn = append(drawn, b.style.paint(faint, fmt.Sprintf("  … and %d more", more)))
	}
	return append(drawn, b.style.paint(faint, b.tally()))
}

func widths(rows []*row) (names, states int) {
	for _, r := range rows {
		names, states = max(names, min(len(r.step), maxNameColumn)), max(states, len(r.state))
	}
	return names, states
}

func (b *board) row(r *row, now time.Time, names, states, columns int) string {
	name, state := "  "+pad(r.step, names)+"  ", pad(r.state, states)
	rest := fmt.Sprintf("  attempt %d  %6s", r.attempt, wholeSeconds(now.Sub(r.since)))
	if r.done != "" {
		rest += "  " + r.done
	}
	if r.why != "" {
		rest += "  " + r.why
	}
	return name + b.style.paint(colourOf(r.state), state) + cut(rest, columns-len(name)-len(state))
}

// cut shortens text to a number of characters.
func cut(text string, to int) string {
	if characters := []rune(text); len(characters) > to {
		return string(characters[:max(to-1, 0)]) + "…"
	}
	return text
}

// tally counts the steps.
func (b *board) tally() string {
	counts := map[string]int{}
	for _, r := range b.rows {
		counts[r.state]++
	}
	parts := []string{fmt.Sprintf("%d of %d steps done", counts[stateDone], len(b.rows))}
	for _, state := range []string{stateRunning, stateStarting, stateWaiting, stateQueued, stateRetrying, "Ending"} {
		if counts[state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[state], strings.ToLower(state)))
		}
	}
	return strings.Join(parts, ", ")
}
