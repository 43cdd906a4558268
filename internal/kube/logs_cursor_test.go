package kube

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// FuzzLogCursor reads a log in pieces that end anywhere, as a kubelet serves them: from a whole second on, and from the
// present file only. Each byte of script is a line, a little later than the one before, or the end of a stream; with 255, the
// log is rotated at that.
func FuzzLogCursor(f *testing.F) {
	f.Add([]byte{1, 1, 1, 0, 1, 200, 0, 0, 3, 3, 3, 0, 1})
	f.Add([]byte{254, 2, 254, 0, 2, 2, 0})
	f.Add([]byte{2, 2, 255, 2, 1, 0, 1, 255, 255, 4, 0, 4})
	f.Fuzz(func(t *testing.T, script []byte) {
		var cursor logCursor
		var log, got []logLine
		// rotated is where the present file begins.
		rotated := 0
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		read := func() {
			since := cursor.since()
			cursor.reopen()
			for _, line := range log[rotated:] {
				if (since == nil || !line.at.Before(since.Time)) && cursor.take(line.at) {
					got = append(got, line)
				}
			}
		}
		for _, b := range script {
			switch b {
			case 0:
				read()
				continue
			case 255:
				read()
				// Rotating takes its time.
				rotated, at = len(log), at.Add(time.Millisecond)
				continue
			}
			// Lines that come at once have the same time.
			at = at.Add(time.Duration(b/2) * 20 * time.Millisecond)
			log = append(log, logLine{at: at})
		}
		read()
		if !slices.Equal(log, got) {
			t.Errorf("read %v of %v", got, log)
		}
	})
}

func TestLogCursorWithoutTimes(t *testing.T) {
	t.Parallel()
	var cursor logCursor
	var taken []bool
	for range 3 {
		cursor.reopen()
		taken = append(taken, cursor.take(time.Time{}))
	}
	if diff := cmp.Diff([]bool{true, false, false}, taken); diff != "" {
		t.Errorf("the same line without a time, from stream to stream (-want +got):\n%s", diff)
	}
}

func TestLineReader(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3*maxLogLine)
	tests := []struct {
		name string
		text string
		end  error
		want []string
		err  error
	}{
		{"lines", "one\n\ntwo\r\n", nil, []string{"one", "", "two"}, io.EOF},
		{"the last without an end", "one\ntwo", nil, []string{"one", "two"}, io.EOF},
		{"a long one", "one\n" + long + "\ntwo\n", nil, []string{"one", long[:maxLogLine], "two"}, io.EOF},
		{"a long one at the end", long, nil, []string{long[:maxLogLine]}, io.EOF},
		{"one that is cut short", "one\ntw", io.ErrUnexpectedEOF, []string{"one"}, io.ErrUnexpectedEOF},
		{"nothing", "", nil, nil, io.EOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var r io.Reader = strings.NewReader(test.text)
			if test.end != nil {
				r = io.MultiReader(r, iotest.ErrReader(test.end))
			}
			lines := newLineReader(r)
			var got []string
			line, err := lines.next()
			for ; err == nil; line, err = lines.next() {
				got = append(got, line)
			}
			if !errors.Is(err, test.err) {
				t.Errorf("error %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseLine(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	tests := map[string]logLine{
		"2026-01-02T03:04:05.000000600Z hello  world": {at, "hello  world"},
		"2026-01-02T03:04:05.000000600Z ":             {at, ""},
		"2026-01-02T03:04:05.000000600Z":              {at, ""},
		"unable to retrieve container logs":           {text: "unable to retrieve container logs"},
		"":                                            {},
	}
	for line, want := range tests {
		if got := parseLine(line); !got.at.Equal(want.at) || got.text != want.text {
			t.Errorf("parseLine(%q) = %v, want %v", line, got, want)
		}
	}
}
