package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Mistake is one thing that is wrong with a pipeline.
type Mistake struct {
	// Pos is where it was said, as file:line.
	Pos string
	// Text names the thing and the remedy.
	Text string
}

// ValidationError holds everything that is wrong with a pipeline. Nothing was done yet when it is returned.
type ValidationError struct {
	// Pipeline is the pipeline's name.
	Pipeline string
	// Mistakes are never empty.
	Mistakes []Mistake
}

// Error lists the mistakes, one on each line.
func (e *ValidationError) Error() string {
	return listMistakes(fmt.Sprintf("pipeline %q", e.Pipeline), e.Mistakes)
}

// listMistakes says what has mistakes, and lists them.
func listMistakes(whose string, mistakes []Mistake) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s has %d %s:", whose, len(mistakes), plural(len(mistakes), "mistake"))
	for _, m := range mistakes {
		fmt.Fprintf(&b, "\n\t%s: %s", m.Pos, m.Text)
	}
	return b.String()
}

// RunError is returned for a run that has ended without success.
type RunError struct {
	// Run is the run, with the outcome of every step.
	Run *Run
}

// Error names the steps that failed first, with their reasons.
func (e *RunError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "run %s of pipeline %q ended as %s", e.Run.ID, e.Run.Pipeline, e.Run.Outcome)
	if e.Run.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Run.Message)
	}
	for _, s := range e.Run.Steps {
		if s.Outcome != Succeeded && s.Outcome != Skipped {
			fmt.Fprintf(&b, "\n\tstep %q: %s (%s) after %d %s: %s",
				s.Name, s.Outcome, s.Reason, s.Attempts, plural(s.Attempts, "attempt"), firstLine(s.Message))
		}
	}
	return b.String()
}

// ErrInterrupted is returned when the context that waits for a run ends before the run does. A run on Kubernetes goes on.
var ErrInterrupted = errors.New("stopped waiting for run")

// ErrTimeout is returned when the Timeout of the settings has passed before the run has ended. The run goes on. The error
// wraps [context.DeadlineExceeded], too.
var ErrTimeout = errors.New("timed out waiting for run")

// timedOut returns the error of a wait that took too long.
func timedOut(run string, after time.Duration) error {
	return fmt.Errorf("%w %s, which goes on, after %s: %w", ErrTimeout, run, after, context.DeadlineExceeded)
}

// interrupted returns the error of a wait that ended before the run.
func interrupted(ctx context.Context, run string) error {
	return fmt.Errorf("%w %s: %w", ErrInterrupted, run, context.Cause(ctx))
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
