package metrics

import (
	"time"

	pipeline "github.com/org/k8sorch"
)

// States of steps and runs, of those that an [pipeline.Event] tells.
const (
	stateSubmitted = "Submitted"
	stateReady     = "Ready"
	stateRunning   = "Running"
	stateLeft      = "Left"
	stateDone      = "Done"
)

// standing is where a step stands.
type standing struct {
	state   string
	attempt int
	// ready is when the step became ready; zero once it was seen to run.
	ready time.Time
}

// Observe counts an event. It is what [pipeline.WithEvents] takes.
func (m *Metrics) Observe(e pipeline.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e.Kind {
	case pipeline.RunChanged:
		m.run(e)
	case pipeline.StepChanged:
		m.step(e)
	case pipeline.CallRepeated:
		m.calls.WithLabelValues(e.State).Inc()
	case pipeline.AttemptEnded:
		m.attempts.WithLabelValues(e.Pipeline, e.Step, string(e.Outcome)).Inc()
		if !e.Started.IsZero() {
			m.attemptTime.WithLabelValues(e.Pipeline, e.Step, string(e.Outcome)).Observe(between(e.Started, e.Finished))
		}
	}
}

func (m *Metrics) run(e pipeline.Event) {
	switch e.State {
	case stateSubmitted:
		m.submitted.WithLabelValues(e.Pipeline).Inc()
	case stateLeft:
		m.forget(e)
	case stateDone:
		m.forget(e)
		m.runs.WithLabelValues(e.Pipeline, string(e.Outcome)).Inc()
		m.runTime.WithLabelValues(e.Pipeline, string(e.Outcome)).Observe(between(e.Started, e.Finished))
	}
}

// forget takes the steps of a run out of those that are active.
func (m *Metrics) forget(e pipeline.Event) {
	for step, was := range m.seen[e.Run] {
		m.leave(e.Pipeline, step, was)
	}
	delete(m.seen, e.Run)
}

func (m *Metrics) step(e pipeline.Event) {
	steps := m.seen[e.Run]
	if steps == nil {
		steps = map[string]standing{}
		m.seen[e.Run] = steps
	}
	was := steps[e.Step]
	is := standing{state: e.State, attempt: e.Attempt, ready: was.ready}
	switch {
	case e.State == stateReady && was.state != stateReady:
		is.ready = e.Time
	case e.State == stateRunning && !was.ready.IsZero():
		m.startTime.WithLabelValues(e.Pipeline, e.Step).Observe(between(was.ready, e.Time))
		is.ready = time.Time{}
	}
	steps[e.Step] = is
	m.count(e, was, is)
}

// count counts what a change of a step is.
func (m *Metrics) count(e pipeline.Event, was, is standing) {
	if was.attempt > 0 && is.attempt > was.attempt {
		m.retries.WithLabelValues(e.Pipeline, e.Step).Add(float64(is.attempt - was.attempt))
	}
	if was.state == is.state {
		return
	}
	m.leave(e.Pipeline, e.Step, was)
	if is.state == stateDone {
		m.steps.WithLabelValues(e.Pipeline, e.Step, string(e.Outcome)).Inc()
		return
	}
	m.active.WithLabelValues(e.Pipeline, e.Step, is.state).Inc()
}

// leave takes a step out of those that are active.
func (m *Metrics) leave(name, step string, was standing) {
	if was.state != "" && was.state != stateDone {
		m.active.WithLabelValues(name, step, was.state).Dec()
	}
}

// between returns the seconds between two times; 0 where the clocks of two machines have it that they are the other way
// round.
func between(from, to time.Time) float64 { return max(to.Sub(from).Seconds(), 0) }
