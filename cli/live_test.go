package cli

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/org/k8sorch"
)

// tty is a terminal as far as the live view uses one, with all that has scrolled by.
type tty struct {
	lines []string
	row   int
	// wraps is the state of automatic wrapping.
	wraps bool
}

func newTTY() *tty { return &tty{lines: []string{""}, wraps: true} }

var sequence = regexp.MustCompile(`^\x1b\[(\??\d*)([A-Za-z])`)

func (v *tty) Write(b []byte) (int, error) {
	text := string(b)
	for text != "" {
		if m := sequence.FindStringSubmatch(text); m != nil {
			v.control(m[1], m[2])
			text = text[len(m[0]):]
			continue
		}
		v.put(text[:1])
		text = text[1:]
	}
	return len(b), nil
}

func (v *tty) control(parameter, final string) {
	switch n, _ := strconv.Atoi(parameter); final {
	case "A":
		v.row -= n
	case "J":
		v.lines = append(v.lines[:v.row], "")
	case "h", "l":
		v.wraps = final == "h"
	case "m":
	default:
		panic(fmt.Sprintf("the terminal does not know %s%s", parameter, final))
	}
}

func (v *tty) put(char string) {
	switch char {
	case "\r":
	case "\n":
		if v.row++; v.row == len(v.lines) {
			v.lines = append(v.lines, "")
		}
	default:
		v.lines[v.row] += char
	}
}

func (v *tty) size() (columns, rows int) { return 60, 24 }

func (v *tty) String() string { return strings.Join(v.lines, "\n") }

// TestLiveView looks at the terminal after some of the events, and in the end.
func TestLiveView(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		term := newTTY()
		began := time.Now()
		now := func() time.Time { return noon.Add(time.Since(began)) }
		v := startLiveView(term, term, style{colours: true}, now)
		var seen strings.Builder
		look := func(after string) {
			fmt.Fprintf(&seen, "=== %s ===\n%s\n", after, term)
			if !term.wraps {
				t.Errorf("%s: the terminal is left without automatic wrapping", after)
			}
		}
		for i, e := range tale() {
			v.event(e)
			// The event's second, and time to draw it.
			time.Sleep(time.Second)
			synctest.Wait()
			switch i {
			case 4:
				look("uploading")
			case 20:
				look("the first step is done")
			case 27:
				look("another attempt runs")
			}
		}
		v.close()
		v.close()
		v.event(pipeline.Event{Kind: pipeline.Notice, Message: "too late"})
		look("closed")
		golden(t, "live.golden", seen.String())
	})
}

func TestLiveViewDrawsOnlyNews(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		v := startLiveView(&out, newTTY(), style{}, time.Now)
		v.event(pipeline.Event{Kind: pipeline.StepChanged, Step: "load", State: "Pending", Time: time.Now()})
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := strings.Count(out.String(), "0 of 1 steps done"); got != 1 {
			t.Errorf("a frame that stays the same was drawn %d times, want once:\n%q", got, &out)
		}
		v.close()
	})
}

func TestFrameFits(t *testing.T) {
	t.Parallel()
	b := newBoard(style{})
	for i := range 100 {
		b.take(pipeline.Event{Kind: pipeline.StepChanged, Step: fmt.Sprintf("step-%d", i), State: "Running", Attempt: 1, Time: noon})
	}
	frame := b.frame(noon.Add(time.Minute), 80, 5)
	want := []string{
		"  step-0  Running  attempt 1   1m00s",
		"  step-1  Running  attempt 1   1m00s",
		"  step-2  Running  attempt 1   1m00s",
		"  … and 97 more",
		"0 of 100 steps done, 100 running",
	}
	if got := strings.Join(frame, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("the frame is\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestColours(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		terminal bool
		noColour string
		args     []string
		want     bool
	}{
		{"on a terminal", true, "", nil, true},
		{"off a terminal", false, "", nil, false},
		{"with NO_COLOR", true, "1", nil, false},
		{"with --no-color", true, "", []string{"--no-color"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStand(&player{})
			if test.terminal {
				s.screen = newTTY()
			}
			s.getenv = func(name string) string { return map[string]string{"NO_COLOR": test.noColour}[name] }
			s.call(test.args...)
			if got := strings.Contains(s.err.String(), "\x1b[32mSucceeded"); got != test.want {
				t.Errorf("the text is coloured: %t, want %t:\n%q", got, test.want, &s.err)
			}
		})
	}
}
