package cli

import (
	"fmt"
	"time"

	"github.com/org/k8sorch"
)

// How often the progress of a step is worth a line: not before it has moved on, or some time has passed with nothing said;
// and never at once.
const (
	progressPause  = 10 * time.Second
	progressStride = 0.1
	progressRest   = time.Minute
)

// pace decides which of a step's words on its progress are worth a line.
type pace struct {
	attempt  int
	said     time.Time
	fraction float64
}

// due tells whether this word is worth a line, and takes note of it if so.
func (p *pace) due(e pipeline.Event) bool {
	passed, moved := e.Time.Sub(p.said), e.Fraction-p.fraction
	again := passed >= progressRest || passed >= progressPause && (moved >= progressStride || moved < 0)
	if e.Attempt == p.attempt && !again {
		return false
	}
	*p = pace{attempt: e.Attempt, said: e.Time, fraction: e.Fraction}
	return true
}

// progress tells how far a step is, where that is worth a line.
func (n *narrator) progress(e pipeline.Event) string {
	p := n.paces[e.Step]
	if p == nil {
		p = &pace{}
		n.paces[e.Step] = p
	}
	if !p.due(e) {
		return ""
	}
	return n.line(e.Time, pad(e.Step, n.width)+"  "+done(n.cleaner, e))
}

// done writes how far a step is, and what it is doing.
func done(c cleaner, e pipeline.Event) string {
	// Rounded down, so that 100 % is all of it.
	text := fmt.Sprintf("%3d %%", int(e.Fraction*100+1e-9))
	if message := firstLine(c, e.Message); message != "" {
		text += "  " + message
	}
	return text
}
