package process

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
)

// maxLine is the longest line, in bytes, that is passed on in one piece.
const maxLine = 64 << 10

// readLines passes on the lines of r, without their ends, until r ends.
func readLines(r io.Reader, line func(string)) {
	in := bufio.NewReaderSize(r, maxLine)
	inside := false // a piece of the line was passed on already
	for {
		piece, err := in.ReadSlice('\n')
		whole := !errors.Is(err, bufio.ErrBufferFull)
		text, found := bytes.CutSuffix(piece, []byte("\n"))
		if found {
			text = bytes.TrimSuffix(text, []byte("\r"))
		}
		if len(text) > 0 || found && !inside {
			line(strings.ToValidUTF8(string(text), "\uFFFD"))
		}
		inside = !whole
		if err != nil && whole {
			return
		}
	}
}

// Bounds of what is remembered of an attempt's output, and of what of it goes into a message, in bytes.
const (
	maxTail    = 16 << 10
	maxExcerpt = 1 << 10
)

// tail remembers the last lines of an attempt's output.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(append(t.text, line...), '\n')
	if excess := len(t.text) - maxTail; excess > maxTail {
		t.text = append(t.text[:0], t.text[excess:]...)
	}
}

// String returns the part of the output that is most likely to say why the process ended: where the Go runtime begins to
// say so, or else its last lines.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := string(t.text)
	for _, start := range []string{"panic: ", "fatal error: "} {
		if i := strings.Index("\n"+text, "\n"+start); i >= 0 {
			return strings.ToValidUTF8(text[i:min(i+maxExcerpt, len(text))], "")
		}
	}
	text = strings.TrimSpace(text)
	if cut := len(text) - maxExcerpt; cut > 0 {
		text = strings.ToValidUTF8(text[cut:], "")
	}
	return text
}
