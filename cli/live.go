package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/org/k8sorch"
)

// redrawEvery is how often the live view looks whether there is something to draw: often enough to seem immediate, and
// rarely enough for a flood of log lines.
const redrawEvery = 100 * time.Millisecond

// liveView keeps a list of the steps that are under way at the foot of a terminal. Everything else scrolls by above it.
type liveView struct {
	mu       sync.Mutex
	out      io.Writer
	screen   screen
	now      func() time.Time
	narrator *narrator
	board    *board
	// above are lines that are to be printed above the frame, which is what stands on the terminal.
	above  []string
	frame  []string
	closed bool

	stop chan struct{}
	done chan struct{}
}

// startLiveView starts a view, which the caller closes.
func startLiveView(out io.Writer, scr screen, s style, now func() time.Time) *liveView {
	v := &liveView{
		out: out, screen: scr, now: now, narrator: newNarrator(s), board: newBoard(s),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	go v.redraw()
	return v
}

func (v *liveView) redraw() {
	defer close(v.done)
	ticks := time.NewTicker(redrawEvery)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			v.mu.Lock()
			v.draw(v.frameNow())
			v.mu.Unlock()
		case <-v.stop:
			return
		}
	}
}

func (v *liveView) event(e pipeline.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return
	}
	v.board.take(e)
	if line := v.narrator.tell(e); line != "" && lasting(e) {
		v.above = append(v.above, line)
	}
}

// lasting tells what is worth a line of its own though the frame shows it for a while.
func lasting(e pipeline.Event) bool {
	return e.Kind != pipeline.StepChanged && e.Kind != pipeline.StepProgress || e.State == stateDone || e.State == stateRetrying
}

func (v *liveView) close() {
	v.mu.Lock()
	closed := v.closed
	v.closed = true
	v.mu.Unlock()
	if closed {
		return
	}
	close(v.stop)
	<-v.done
	v.draw(nil)
}

// frameNow draws the board. A part of the terminal is left to what scrolls by.
func (v *liveView) frameNow() []string {
	columns, rows := v.screen.size()
	return v.board.frame(v.now(), columns, max(rows*2/3, 3))
}

// draw replaces the frame in one write, so that nothing flickers.
func (v *liveView) draw(frame []string) {
	if len(v.above) == 0 && slices.Equal(frame, v.frame) {
		return
	}
	var b strings.Builder
	if len(v.frame) > 0 {
		// To the first line of the frame, and clear from there.
		fmt.Fprintf(&b, "\r\x1b[%dA\x1b[J", len(v.frame))
	}
	for _, line := range v.above {
		b.WriteString(line + "\n")
	}
	if len(frame) > 0 {
		// Without automatic wrapping, so that each line of the frame is one line of the terminal.
		b.WriteString("\x1b[?7l" + strings.Join(frame, "\n") + "\n\x1b[?7h")
	}
	v.above, v.frame = nil, frame
	// There is no better place to report that the terminal cannot be written to.
	_, _ = io.WriteString(v.out, b.String())
}
