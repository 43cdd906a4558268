// Package pause says how long to wait before a call is made again that was not answered.
package pause

import (
	"time"

	"github.com/cenkalti/backoff/v4"
)

// Max is the longest pause. It is what a run may stand still after the API server has come back: whoever waits longer
// holds up a run for which nothing is wrong any more, and shorter ones only add to the load of a server that starts.
const Max = 4500 * time.Millisecond

// interval is the pause that the longest ones lie around; chance makes it longer or shorter by up to half, so that those
// who lost the API server at the same moment do not all come back to it at one.
const interval = Max * 2 / 3

// Growing returns a new sequence of pauses for the repetitions of one call. They grow from about the first one to [Max],
// each longer or shorter by chance, and never end. A sequence is used by one goroutine.
func Growing(first time.Duration) *backoff.ExponentialBackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(first), backoff.WithMaxInterval(interval), backoff.WithRandomizationFactor(0.5), backoff.WithMaxElapsedTime(0))
}
