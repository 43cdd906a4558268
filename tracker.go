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
	// mu is held while something is told, so that it is told in order. What is told may look at the run, which known guards.
	mu, known sync.Mutex
	run       *Run
	// named are the run's steps and hooks.
	named  map[string]*StepRun
	events func(Event)
	// followers are told what events is, in this process.
	followers []*func(Event)
	last      map[string]Event
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
	for _, n := range g.Steps() {
		if n.Hook == "" {
			run.Steps = append(run.Steps, StepRun{Name: n.Name})
		}
	}
	t := trackerOf(run, s.events)
	t.trace, t.quiet = s.trace, !orDefault(s.runSettings().StreamStepLogs, true)
	return t
}

// fresh returns a tracker of the same run that knows nothing of its steps yet.
func (t *tracker) fresh(events func(Event)) *tracker {
	so := t.soFar()
	run := &Run{ID: so.ID, Pipeline: so.Pipeline, Submitted: so.Submitted, open: so.open}
	for _, s := range so.Steps {
		run.Steps = append(run.Steps, StepRun{Name: s.Name})
	}
	return trackerOf(run, events)
}

// trackerOf returns a tracker that knows nothing of its run's steps, and is in no trace.
func trackerOf(run *Run, events func(Event)) *tracker {
	t := &tracker{
		run: run, named: map[string]*StepRun{}, events: events, last: map[string]Event{}, tails: map[string]*logTail{}, told: map[tapped]bool{},
		trace: &runTrace{},
	}
	t.name(run.Steps)
	return t
}

// name makes steps or hooks of the run known by their names.
func (t *tracker) name(some []StepRun) {
	for i := range some {
		t.named[some[i].Name] = &some[i]
	}
}

// note changes what is known of the run.
func (t *tracker) note(change func(*Run)) {
	t.known.Lock()
	defer t.known.Unlock()
	change(t.run)
}

// noteStep changes what is known of a step or hook.
func (t *tracker) noteStep(name string, change func(*StepRun)) {
	t.note(func(*Run) {
		if s := t.named[name]; s != nil {
			change(s)
		}
	})
}

// status takes note of where a step stands, and tells of it when that is news.
func (t *tracker) status(st engine.Status) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.noteStep(st.Step, func(s *StepRun) { *s = stepRun(st) })
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
	for step, tail := range t.tails {
		t.noteStep(step, func(s *StepRun) {
			if s.Outcome != Succeeded {
				s.Log = tail.lines
			}
		})
	}
}

// lastFinish is when the last attempt ended that is known to have.
func (t *tracker) lastFinish() (last time.Time) {
	for _, s := range t.soFar().all() {
		if s.Finished.After(last) {
			last = s.Finished
		}
	}
	return last
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
	t.known.Lock()
	defer t.known.Unlock()
	run := *t.run
	run.Steps, run.Hooks = slices.Clone(run.Steps), slices.Clone(run.Hooks)
	return &run
}
