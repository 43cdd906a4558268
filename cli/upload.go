package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/org/k8sorch"
)

// uploadPause is the least time between two lines about the same upload.
const uploadPause = 5 * time.Second

// upload tells how an upload goes on, without a line for each of its many events.
type upload struct {
	message string
	told    time.Time
}

// take returns the text that the event is worth; empty when it is none. How much there is to upload is known a moment
// after it has begun.
func (u *upload) take(e pipeline.Event) string {
	began := e.Message != u.message
	if !began && e.Time.Sub(u.told) < uploadPause {
		return ""
	}
	u.message, u.told = e.Message, e.Time
	text := strings.TrimSpace(e.Message)
	if began {
		return text
	}
	return text + volume(e)
}

// volume says how many of the bytes are through.
func volume(e pipeline.Event) string {
	if e.Total == 0 {
		return ""
	}
	const megabyte = 1e6
	return fmt.Sprintf("  %.1f of %.1f MB", float64(e.Done)/megabyte, float64(e.Total)/megabyte)
}

// bar draws the share of the bytes that are through.
func bar(e pipeline.Event) string {
	const cells = 24
	if e.Total == 0 {
		return ""
	}
	full := int(cells * e.Done / e.Total)
	return "  [" + strings.Repeat("=", full) + strings.Repeat(" ", cells-full) + "]"
}
