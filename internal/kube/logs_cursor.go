package kube

import (
	"maps"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// logCursor remembers how far a log was read. A request can only name the second from which to read on, so the lines of
// the last second come again: the cursor counts them by their time stamps and drops as many.
type logCursor struct {
	// lines counts the lines taken.
	lines int
	// second is the latest second of which there was a line, and seen the number of lines taken by time stamp in it.
	second time.Time
	seen   map[int64]int
	// again is what the present stream is about to repeat; nil in the first one.
	again map[int64]int
}

// since returns the time from which to read on: nil for the start of the log.
func (c *logCursor) since() *metav1.Time {
	if c.second.IsZero() {
		return nil
	}
	return new(metav1.NewTime(c.second))
}

// reopen begins another stream from [logCursor.since].
func (c *logCursor) reopen() {
	if c.seen == nil {
		c.seen = map[int64]int{}
		return
	}
	c.again = maps.Clone(c.seen)
}

// take tells whether a line of the present stream is new.
func (c *logCursor) take(at time.Time) bool {
	stamp, second := at.UnixNano(), at.Truncate(time.Second)
	switch {
	case c.again[stamp] > 0:
		c.again[stamp]--
		return false
	case c.again != nil && !at.IsZero() && second.Before(c.second):
		return false
	case second.After(c.second):
		c.second = second
		clear(c.seen)
	}
	if second.Equal(c.second) {
		c.seen[stamp]++
	}
	c.lines++
	return true
}
