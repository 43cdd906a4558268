package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/org/k8sorch"
)

// The most that a summary shows: of a wide run, only what needs attention, and no more than people read.
const (
	maxTable    = 40
	maxFailures = 10
)

// unfinished stands for the outcome of a step that has none: the run was interrupted.
const unfinished = "unfinished"

// summary is what is printed of a run that has ended.
type summary struct {
	run     *pipeline.Run
	style   style
	cleaner cleaner
	// now is the time up to which a step that runs has taken its time; zero where that is not shown.
	now time.Time
}

func (s summary) print(out io.Writer) {
	var b strings.Builder
	b.WriteString("\n")
	s.table(&b)
	s.failures(&b)
	s.hooks(&b)
	if s.run.Outcome == pipeline.Succeeded {
		fmt.Fprintf(&b, "\nRun %s succeeded in %s.\n", s.run.ID, span(s.run.Submitted, s.run.Finished))
	} else {
		b.WriteString("\n")
	}
	// There is no better place to report that standard error cannot be written to.
	_, _ = io.WriteString(out, b.String())
}

// table lists the steps, one on each line.
func (s summary) table(b *strings.Builder) {
	names, unlisted := 0, 0
	for _, step := range s.run.Steps {
		names = max(names, min(len(step.Name), maxNameColumn))
	}
	for _, step := range s.run.Steps {
		if len(s.run.Steps) > maxTable && step.Outcome == pipeline.Succeeded {
			unlisted++
			continue
		}
		b.WriteString(strings.TrimRight("  "+pad(step.Name, names)+"  "+s.row(step), " ") + "\n")
	}
	if unlisted > 0 {
		fmt.Fprintf(b, "  %s\n", s.style.paint(faint, fmt.Sprintf("… and %d that succeeded", unlisted)))
	}
}

func (s summary) row(step pipeline.StepRun) string {
	outcome := cmp.Or(string(step.Outcome), step.State, unfinished)
	took := span(step.Started, step.Finished)
	if step.State == stateRunning {
		took = span(step.Started, s.now)
	}
	text := s.style.paint(colourOf(outcome), pad(outcome, len(pipeline.NotStarted))) + fmt.Sprintf("  %8s", took)
	if step.Attempts > 1 {
		text += fmt.Sprintf("  %d attempts", step.Attempts)
	}
	switch {
	case step.Cached != nil:
		text += "  " + s.style.paint(faint, "cached from run "+step.Cached.Run)
	case step.CacheMiss != "":
		text += "  " + s.style.paint(faint, "not cached: "+s.cleaner.line(step.CacheMiss))
	}
	if said := s.said(step); said != "" {
		text += "  " + said
	}
	if step.Outcome == pipeline.Skipped {
		text += "  " + firstLine(s.cleaner, step.Message)
	}
	if step.Why != "" {
		text += "  " + firstLine(s.cleaner, step.Why)
	}
	return text
}

// failures says of each step that failed by itself why, and what it had logged last.
func (s summary) failures(b *strings.Builder) {
	shown, more := 0, 0
	for _, step := range s.run.Steps {
		switch step.Outcome {
		case pipeline.Failed, pipeline.Lost, pipeline.NotStarted:
			if shown++; shown > maxFailures {
				more++
				continue
			}
			s.failure(b, step)
		}
	}
	if more > 0 {
		fmt.Fprintf(b, "\n… and %d more\n", more)
	}
}

// hooks says of each hook that did not succeed how it ended, however the run did.
func (s summary) hooks(b *strings.Builder) {
	for _, hook := range s.run.Hooks {
		if hook.Outcome != pipeline.Succeeded {
			hook.Name = "hook " + hook.Name
			hook.Outcome = cmp.Or(hook.Outcome, unfinished)
			s.failure(b, hook)
		}
	}
}

func (s summary) failure(b *strings.Builder, step pipeline.StepRun) {
	title := s.style.paint(colourOf(string(step.Outcome)), step.Name+": "+string(step.Outcome))
	if step.Reason != "" {
		title += " (" + step.Reason + ")"
	}
	if step.Attempts > 1 {
		title += fmt.Sprintf(" after %d attempts", step.Attempts)
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for line := range strings.Lines(step.Message) {
		b.WriteString(strings.TrimRight("  "+s.cleaner.line(line), " ") + "\n")
	}
	if len(step.Log) == 0 {
		return
	}
	b.WriteString("  the end of its log:\n")
	for _, line := range step.Log {
		fmt.Fprintf(b, "  %s %s\n", s.style.paint(faint, "|"), s.cleaner.log(line))
	}
}

// span is the time between two times; empty when one of them is not known.
func span(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	return duration(to.Sub(from))
}
