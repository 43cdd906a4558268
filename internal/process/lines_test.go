package process

import (
	"bytes"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func linesOf(text string) []string {
	var lines []string
	readLines(iotest.HalfReader(strings.NewReader(text)), func(line string) { lines = append(lines, line) })
	return lines
}

func TestReadLines(t *testing.T) {
	t.Parallel()
	full := strings.Repeat("x", maxLine)
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"nothing":          {"", nil},
		"lines":            {"a\n\nb\n", []string{"a", "", "b"}},
		"no end":           {"a\nb", []string{"a", "b"}},
		"CRLF":             {"a\r\nb\r\n", []string{"a", "b"}},
		"as long as a one": {full + "\nb\n", []string{full, "b"}},
		"longer":           {full + "yz\nb\n", []string{full, "yz", "b"}},
		"not text":         {"a\xffb\n", []string{"a\uFFFDb"}},
	} {
		if diff := cmp.Diff(test.want, linesOf(test.text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzReadLines(f *testing.F) {
	f.Add([]byte("a\r\n\nb"))
	f.Add(bytes.Repeat([]byte("x"), maxLine+1))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, line := range linesOf(string(text)) {
			if len(line) > 3*maxLine || strings.Contains(line, "\n") || !utf8.ValidString(line) {
				t.Errorf("line %.100q of %d bytes is not one", line, len(line))
			}
		}
	})
}

func TestTailFindsWhatMatters(t *testing.T) {
	t.Parallel()
	trace := "panic: boom\n\ngoroutine 7 [running]:\n" + strings.Repeat("main.f()\n", 1000)
	for name, test := range map[string]struct{ printed, starts, ends string }{
		"nothing":       {"", "", ""},
		"little":        {"a\nb", "a\nb", "a\nb"},
		"much":          {strings.Repeat("line\n", 10_000) + "last", "", "line\nlast"},
		"panic":         {"a\n" + trace, "panic: boom\n\ngoroutine 7", ""},
		"fatal error":   {"a\nfatal error: all goroutines are asleep", "fatal error: all", "asleep\n"},
		"speaks of one": {"no panic: all is well", "no panic", "well"},
	} {
		var kept tail
		for line := range strings.SplitSeq(test.printed, "\n") {
			kept.add(line)
		}
		got := kept.String()
		if !strings.HasPrefix(got, test.starts) || !strings.HasSuffix(got, test.ends) || len(got) > maxExcerpt {
			t.Errorf("%s: tail = %.100q (%d bytes), want it from %q to %q", name, got, len(got), test.starts, test.ends)
		}
		if len(kept.text) > 2*maxTail {
			t.Errorf("%s: %d bytes are kept", name, len(kept.text))
		}
	}
}
