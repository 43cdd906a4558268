package pipeline

import (
	"fmt"
	"time"

	"github.com/org/k8sorch/internal/attempt"
)

// Retry says how often, and when, a step is tried again after its function returned an error, panicked, or its process
// exited by itself. Attempts that Kubernetes took away or never started spend budgets of their own.
type Retry struct {
	// MaxRetries is the number of further attempts after the first; 0 means none.
	MaxRetries int
	// Delay comes before the first further attempt.
	Delay time.Duration
	// Backoff multiplies the delay before each attempt after that; 0 means 1, which keeps it as it is.
	Backoff float64
	// MaxDelay bounds the delay; 0 means no bound.
	MaxDelay time.Duration
	// Jitter is the part of each delay, from 0 to 1, that is left to chance, so that steps which failed together do not
	// come back together.
	Jitter float64
	// If tells which errors another attempt may be spared by; nil means all. It is asked in the step's process, about the
	// error that the step's function returned or with which an input could not be decoded, and one for which it returns
	// false ends the step as [Permanent] does, which needs no If to agree. It is not asked about what is no error: a panic,
	// an exit code, a deadline or a process that was killed is retried as without it, and an attempt that was told to
	// terminate spends the budget of those that are taken away. Being a function it is no part of the plan: the process of
	// a step has the If that its main gave.
	If func(error) bool
}

// problems says what is wrong with the policy.
func (r Retry) problems() []string {
	var found []string
	for _, check := range []struct {
		bad  bool
		text string
	}{
		{r.MaxRetries < 0, fmt.Sprintf("MaxRetries is %d; give 0 or more", r.MaxRetries)},
		{r.Delay < 0, fmt.Sprintf("Delay is %s; give 0 or more", r.Delay)},
		{r.Backoff != 0 && r.Backoff < 1, fmt.Sprintf("Backoff is %v; give 1 or more", r.Backoff)},
		{r.MaxDelay < 0, fmt.Sprintf("MaxDelay is %s; give 0 or more", r.MaxDelay)},
		{r.Jitter < 0 || r.Jitter > 1, fmt.Sprintf("Jitter is %v; give a part from 0 to 1", r.Jitter)},
	} {
		if check.bad {
			found = append(found, check.text)
		}
	}
	return found
}

// Permanent marks an error of a step as one that another attempt would meet again: the step is not retried. It returns
// nil for nil. [Retry.If] says the same of errors that are made elsewhere.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return attempt.Permanent{Err: err}
}
