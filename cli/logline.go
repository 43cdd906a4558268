package cli

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// control matches the sequences by which programs move the cursor and colour text (ECMA-48, 5.3 to 5.6, and ECMA-35, 13.2;
// operating system commands end with BEL, too).
func control() *regexp.Regexp {
	return regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[ -/]*[0-~])`)
}

// cleaner makes lines from elsewhere fit to be shown.
type cleaner struct{ sequences *regexp.Regexp }

func newCleaner() cleaner { return cleaner{control()} }

// line returns text as one line that cannot disturb the terminal: without control characters, and of what was drawn over
// with carriage returns the last.
func (c cleaner) line(text string) string {
	text = c.sequences.ReplaceAllString(strings.TrimRight(text, "\r\n"), "")
	text = text[strings.LastIndexByte(text, '\r')+1:]
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return ' '
		case r != '\t' && unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

// log returns a line of a step's log as people like to read it. JSON of [pipeline.Logger] becomes text, without
// what is known from the context.
func (c cleaner) log(text string) string {
	if entry, ok := readEntry(text); ok {
		text = entry.String()
	}
	return c.line(text)
}

// entry is a line of a structured log.
type entry struct {
	level, message string
	fields         []field
}

type field struct {
	key   string
	value json.RawMessage
}

// readEntry reads a JSON object that has a level and a message.
func readEntry(text string) (e entry, ok bool) {
	if !strings.HasPrefix(text, "{") {
		return e, false
	}
	d := json.NewDecoder(strings.NewReader(text))
	if _, err := d.Token(); err != nil {
		return e, false
	}
	for d.More() {
		f := field{}
		key, err := d.Token()
		if err != nil || d.Decode(&f.value) != nil {
			return e, false
		}
		f.key, _ = key.(string)
		e.take(f)
	}
	_, err := d.Token()
	return e, err == nil && !d.More() && e.level != "" && e.message != ""
}

// known are the fields that the display shows elsewhere.
func known(key string) bool {
	return slices.Contains([]string{"ts", "run", "pipeline", "step", "attempt"}, key)
}

func (e *entry) take(f field) {
	switch {
	case f.key == "level":
		e.level = plain(f.value)
	case f.key == "msg":
		e.message = plain(f.value)
	case !known(f.key):
		e.fields = append(e.fields, f)
	}
}

// plain returns a JSON string as it is meant, any other value as it is written.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return string(value)
	}
	return text
}

// String returns the entry as one line of text.
func (e entry) String() string {
	var b strings.Builder
	if e.level != "info" {
		b.WriteString(strings.ToUpper(e.level) + " ")
	}
	b.WriteString(e.message)
	for _, f := range e.fields {
		text := plain(f.value)
		if text == "" || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '=' || unicode.IsControl(r) }) {
			text = string(f.value)
		}
		b.WriteString(" " + f.key + "=" + text)
	}
	return b.String()
}
