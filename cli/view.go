package cli

import (
	"io"
	"sync"

	"github.com/org/k8sorch"
)

// view shows how a run goes on. Its methods may be called at any time, from any goroutine.
type view interface {
	event(e pipeline.Event)
	// close ends the view; what comes later is not shown.
	close()
}

// lineView prints lines.
type lineView struct {
	mu       sync.Mutex
	out      io.Writer
	narrator *narrator
	closed   bool
}

func newLineView(out io.Writer, s style) *lineView {
	return &lineView{out: out, narrator: newNarrator(s)}
}

func (v *lineView) event(e pipeline.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.closed {
		return
	}
	if line := v.narrator.tell(e); line != "" {
		// There is no better place to report that standard error cannot be written to.
		_, _ = io.WriteString(v.out, line+"\n")
	}
}

func (v *lineView) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.closed = true
}
