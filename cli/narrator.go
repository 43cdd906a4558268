package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/org/k8sorch"
)

// States of a step, of those that an [pipeline.Event] tells.
const (
	stateStarting = "Starting"
	stateWaiting  = "Waiting"
	stateQueued   = "Queued"
	stateRunning  = "Running"
	stateRetrying = "Retrying"
	stateDone     = "Done"
)

// narrator tells a run's events as lines of text.
type narrator struct {
	style   style
	cleaner cleaner
	// width is that of the longest step name so far: the events begin with one for every step.
	width  int
	told   map[string]string
	upload upload
	paces  map[string]*pace
}

func newNarrator(s style) *narrator {
	return &narrator{style: s, cleaner: newCleaner(), told: map[string]string{}, paces: map[string]*pace{}}
}

// maxNameColumn is the most that names are padded to; few are longer.
const maxNameColumn = 32

// tell returns the line that an event is worth; empty when it is none.
func (n *narrator) tell(e pipeline.Event) string {
	n.width = max(n.width, min(len(e.Step), maxNameColumn))
	switch e.Kind {
	case pipeline.StepChanged:
		return n.step(e)
	case pipeline.LogLine:
		return n.style.paint(faint, pad("["+e.Step+"]", n.width+len("[]"))) + " " + n.cleaner.log(e.Message)
	case pipeline.StepProgress:
		return n.progress(e)
	case pipeline.Transfer:
		if text := n.upload.take(e); text != "" {
			return n.line(e.Time, n.cleaner.line(text))
		}
	case pipeline.Notice:
		return n.line(e.Time, n.cleaner.line(e.Message))
	}
	return ""
}

func (n *narrator) line(at time.Time, text string) string {
	return n.style.paint(faint, at.Format(time.TimeOnly)) + " " + text
}

func (n *narrator) step(e pipeline.Event) string {
	text := n.describe(e)
	if text == n.told[e.Step] || text == "" {
		return ""
	}
	n.told[e.Step] = text
	return n.line(e.Time, pad(e.Step, n.width)+"  "+text)
}

// describe says where the step stands; empty when that is not worth a line.
func (n *narrator) describe(e pipeline.Event) string {
	why := firstLine(n.cleaner, e.Message)
	switch e.State {
	case stateDone:
		return n.outcome(e, why)
	case stateRetrying:
		return n.state(e.State) + because(why)
	case stateWaiting:
		if ordinary(why) {
			return stateStarting + attempt(e.Attempt)
		}
	case stateQueued, stateRunning:
	default:
		if why == "" {
			return ""
		}
	}
	return n.state(e.State) + attempt(e.Attempt) + because(why)
}

// ordinary tells what every pod waits for on its way: that is not worth a line each.
func ordinary(why string) bool {
	return slices.Contains([]string{"", "Pending", "ContainerCreating", "PodInitializing"}, why)
}

func (n *narrator) outcome(e pipeline.Event, why string) string {
	text := n.state(string(e.Outcome))
	if e.Attempt > 1 {
		text += attempt(e.Attempt)
	}
	return text + because(why)
}

func (n *narrator) state(state string) string { return n.style.paint(colourOf(state), state) }

func attempt(number int) string {
	if number == 0 {
		return ""
	}
	return fmt.Sprintf(" (attempt %d)", number)
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + why
}

func firstLine(c cleaner, text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return c.line(line)
}
