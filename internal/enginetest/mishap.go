package enginetest

import (
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
)

// Hold keeps the step's further attempts from running until Release: they are seen as Waiting or Queued, for this reason.
func (r *Run) Hold(step string, phase engine.Phase, reason, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held[step] = engine.Sighting{Phase: phase, Reason: reason, Message: message}
}

// Release lets the attempts of a step run that Hold held back.
func (r *Run) Release(step string) {
	r.mu.Lock()
	delete(r.held, step)
	for k, p := range r.attempts {
		if k.step == step && (p.sighting.Phase == engine.Waiting || p.sighting.Phase == engine.Queued) {
			p.sighting.Phase, p.sighting.Reason, p.sighting.Message = engine.Running, "", ""
			close(p.release)
		}
	}
	r.mu.Unlock()
	r.tell(step)
}

// Lose makes an attempt end like this, whatever its step does from now on.
func (r *Run) Lose(step string, attempt int, end record.End) {
	r.cut(key{step, attempt}, func(p *process) { p.end(record.Report{End: &end}) })
}

// Vanish takes an attempt away without a trace.
func (r *Run) Vanish(step string, attempt int) {
	r.cut(key{step, attempt}, func(*process) { delete(r.attempts, key{step, attempt}) })
}

func (r *Run) cut(k key, how func(*process)) {
	r.mu.Lock()
	p := r.attempts[k]
	if p != nil {
		how(p)
	}
	r.mu.Unlock()
	if p != nil {
		p.cancel()
	}
	r.tell(k.step)
}

// Delete deletes the run: its attempts are ended, its records gone.
func (r *Run) Delete() {
	r.mu.Lock()
	r.deleted = true
	clear(r.results)
	clear(r.closed)
	attempts := r.attempts
	r.attempts = map[key]*process{}
	r.mu.Unlock()
	for k, p := range attempts {
		p.cancel()
		r.tell(k.step)
	}
}
