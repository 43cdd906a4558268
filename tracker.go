package pipeline

import (
	"slices"
	"sync"
	"time"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/progress"
)

// tracker turns what the engine says of a run's steps into events and, in the end, into a [Run].
type tracker struct {
	mu     sync.Mutex
	run    *Run
	events func(Event)
	// followers are told what events is, in this process.
	followers []*func(Event)
	last      map[string]Event
	// places are those of the steps and hooks among all of them, by name.
	places map[string]int
	// quiet leaves out what the steps write to their logs.
	quiet bool
	// tails are the last lines of each step's latest attempt.
	tails map[string]*logTail
	// told are the attempts whose end was told.
	told map[tapped]bool
	// trace is the span of the run, which ends with it.
	trace *runTrace
	// ended tells that the end of the run was told.
	ended bool
}

// logTail is the end of one attempt's log.
type logTail struct {
	attempt int
	lines   []string
}

func (s *submission) newTracker(g graph.Graph) *tracker {
	run := &Run{ID: s.run, Pipeline: s.design.name, Submitted: s.submitted}
	t := trackerOf(run, s.events)
	t.trace, t.quiet = s.trace, !orDefault(s.runSettings().StreamStepLogs, true)
	for _, n := range g.Steps() {
		if n.Hook == "" {
			t.run.Steps = append(t.run.Steps, StepRun{Name: n.Name})
		}
	}
	return t
}

// fresh returns a tracker of the same run that knows nothing of its steps yet.
func (t *tracker) fresh(events func(Event)) *tracker {
	t.mu.Lock()
	defer t.mu.Unlock()
	run := &Run{ID: t.run.ID, Pipeline: t.run.Pipeline, Submitted: t.run.Submitted, open: t.run.open}
	for _, s := range t.run.Steps {
		run.Steps = append(run.Steps, StepRun{Name: s.Name})
	}
	return trackerOf(run, events)
}

// trackerOf returns a tracker that knows nothing of its run's steps, and is in no trace.
func trackerOf(run *Run, events func(Event)) *tracker {
	return &tracker{run: run, events: events, last: map[string]Event{}, tails: map[string]*logTail{}, told: map[tapped]bool{}, trace: &runTrace{}}
}

// status takes note of where a step stands, and tells of it when that is news.
func (t *tracker) status(st engine.Status) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.step(st.Step); s != nil {
		*s = stepRun(st)
	}
	t.attempts(st)
	e := Event{Kind: StepChanged, Run: t.run.ID, Step: st.Step, Attempt: st.Attempt, State: string(st.State), Outcome: st.Outcome, Message: st.Why}
	if st.Result != nil && st.Result.TakenFrom() != nil {
		e.Message = "cached from run " + st.Result.TakenFrom().Run
	}
	if t.last[st.Step] == e {
		return
	}
	t.last[st.Step] = e
	t.send(e)
}

// queued tells that an attempt of a step is refused for now and waits for its turn: of that there is nothing on the
// cluster, and only the orchestrator knows. It returns false where that is no news of the step as it stands: what the
// orchestrator says comes late, or before the cluster has told what led there.
func (t *tracker) queued(step string, attempt int, why string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := t.last[step]
	waits := last.State == string(engine.Ready) || last.State == string(engine.Retrying)
	if !waits || last.Attempt != attempt-1 {
		return false
	}
	t.send(Event{Kind: StepChanged, Step: step, Attempt: attempt, State: string(engine.Queued), Message: why})
	return true
}

// log tells a line that a step wrote, or how far the step says that it is.
func (t *tracker) log(step string, attempt int, line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r, ok := progress.Parse(line); ok && r.Run == t.run.ID && r.Step == step && r.Attempt == attempt {
		t.send(Event{Kind: StepProgress, Step: step, Attempt: attempt, Fraction: r.Fraction, Message: r.Message})
		return
	}
	tail := t.tails[step]
	if tail == nil || tail.attempt < attempt {
		tail = &logTail{attempt: attempt}
		t.tails[step] = tail
	}
	if tail.attempt == attempt {
		tail.lines = append(tail.lines[max(0, len(tail.lines)+1-keptLines):], line)
	}
	if t.quiet {
		return
	}
	t.send(Event{Kind: LogLine, Step: step, Attempt: attempt, Message: line})
}

// keptLines is how many lines of a failed step's log go into the run.
const keptLines = 20

// searchedLines is how many lines of a log are read to find those: what the step said of its progress is none of them.
const searchedLines = 10 * keptLines

// endOfLog returns the last lines of a log that are worth keeping.
func endOfLog(lines []string) []string {
	lines = slices.DeleteFunc(lines, func(line string) bool {
		_, said := progress.Parse(line)
		return said
	})
	return lines[max(0, len(lines)-keptLines):]
}

// addTails gives the steps and hooks that failed the ends of their logs.
func (t *tracker) addTails() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.all() {
		if tail := t.tails[s.Name]; tail != nil && s.Outcome != Succeeded {
			s.Log = tail.lines
		}
	}
}

// end writes down how the run ended, as the engine has it.
func (t *tracker) end(machine *engine.Machine) {
	t.run.Outcome = machine.Outcome()
	if t.run.Outcome == Stopped {
		t.run.Message = machine.StopReason()
	}
}

// notice tells something about the run as a whole.
func (t *tracker) notice(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.send(Event{Kind: Notice, Message: text})
}

func (t *tracker) send(e Event) {
	e.Run, e.Pipeline, e.Time = t.run.ID, t.run.Pipeline, time.Now()
	t.events(e)
	for _, follower := range t.followers {
		(*follower)(e)
	}
}

// soFar returns a copy of what is known of the run.
func (t *tracker) soFar() *Run {
	t.mu.Lock()
	defer t.mu.Unlock()
	run := *t.run
	run.Steps, run.Hooks = slices.Clone(run.Steps), slices.Clone(run.Hooks)
	return &run
}
