package cli

import "github.com/org/k8sorch"

// style colours text, or leaves it as it is.
type style struct{ colours bool }

// The colours, as parameters of the control sequence "select graphic rendition" (ECMA-48).
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	faint  = "2"
)

func (s style) paint(colour, text string) string {
	if !s.colours || colour == "" || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// colourOf returns the colour of a step's state or outcome.
func colourOf(state string) string {
	switch state {
	case string(pipeline.Succeeded):
		return green
	case string(pipeline.Failed), string(pipeline.Lost), string(pipeline.NotStarted):
		return red
	case stateWaiting, stateQueued, stateRetrying, string(pipeline.Stopped):
		return yellow
	case stateRunning:
		return cyan
	case string(pipeline.Skipped):
		return faint
	}
	return ""
}

// pad fills text up to a width. What is coloured is padded first.
func pad(text string, width int) string {
	for len(text) < width {
		text += " "
	}
	return text
}
