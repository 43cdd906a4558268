// Package progress carries what a step says of how far it is to the people who follow its run: as a line of its log, which
// whoever reads the log recognises. Nothing else depends on it, so a line that is lost does no harm.
package progress

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"unicode/utf8"
)

const (
	// maxMessage bounds what is said with a report, in bytes.
	maxMessage = 256
	// maxLine bounds a line, in bytes: two names of 63 bytes each (RFC 1123 labels), and a message of which each byte takes six
	// when it is escaped. It is also less than what one write to a pipe keeps in one piece (PIPE_BUF is 4096 on Linux, see
	// pipe(7)).
	maxLine = 2048
)

// Report is one word of a step on how far it is.
type Report struct {
	// Run, Step and Attempt say whose it is.
	Run     string `json:"run"`
	Step    string `json:"step"`
	Attempt int    `json:"attempt"`
	// Fraction is how much is done, from 0 to 1.
	Fraction float64 `json:"fraction"`
	// Message says what is being done.
	Message string `json:"message,omitempty"`
}

// start begins every line. Together with the names of the run and the attempt, which whoever reads the line compares, it
// makes sure that nothing else that a step writes is taken for a report.
const start = `{"k8sorch.io/progress":`

// line is the form of a line of the log.
type line struct {
	Report *Report `json:"k8sorch.io/progress"`
}

// Line returns the report as a line of a log, without its end. The fraction is kept within its range, and the message is
// cut to what a line has room for.
func (r Report) Line() string {
	r.Fraction = math.Round(within(r.Fraction)*1e4) / 1e4
	r.Message = shorten(strings.ToValidUTF8(r.Message, "\uFFFD"))
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// Strings and finite numbers can always be encoded.
	_ = e.Encode(line{&r})
	return strings.TrimSuffix(b.String(), "\n")
}

// within returns the fraction from 0 to 1 that is next to f; 0 for what is no number.
func within(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return min(max(f, 0), 1)
}

func shorten(message string) string {
	if len(message) <= maxMessage {
		return message
	}
	const cut = "…"
	message = message[:maxMessage-len(cut)]
	for !utf8.ValidString(message) {
		message = message[:len(message)-1]
	}
	return message + cut
}

// Parse returns the report that a line of a log is; false when it is any other line. What a report says may come from
// whatever the step runs, so it is for people only, and not fit for a terminal as it is.
func Parse(text string) (Report, bool) {
	if !strings.HasPrefix(text, start) || len(text) > maxLine {
		return Report{}, false
	}
	var l line
	if err := json.Unmarshal([]byte(text), &l); err != nil || l.Report == nil {
		return Report{}, false
	}
	r := *l.Report
	return r, r.Fraction == within(r.Fraction) && len(r.Message) <= maxMessage
}
