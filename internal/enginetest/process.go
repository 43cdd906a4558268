package enginetest

import (
	"context"
	"time"

	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/record"
	"github.com/org/k8sorch/internal/reexec"
)

// process is an attempt that exists. The run's lock guards its sighting.
type process struct {
	sighting engine.Sighting
	cancel   func()
	release  chan struct{} // closed when it may run
}

// newProcess begins an attempt. The run's lock is held.
func (r *Run) newProcess(role reexec.Role, step Step) *process {
	ctx, cancel := context.WithCancelCause(context.Background())
	p := &process{release: make(chan struct{}), cancel: func() { cancel(attempt.ErrTerminated) }}
	p.sighting = engine.Sighting{Attempt: role.Attempt, UID: role.UID, Phase: engine.Running, Started: time.Now()}
	if held, ok := r.held[role.Step]; ok {
		p.sighting = engine.Sighting{Attempt: role.Attempt, UID: role.UID, Phase: held.Phase, Reason: held.Reason, Message: held.Message}
	} else {
		close(p.release)
	}
	r.tasks.Go(func() {
		defer cancel(nil)
		select {
		case <-p.release:
			r.finish(p, role, step(ctx, role, r))
		case <-ctx.Done():
			r.finish(p, role, record.Report{End: &record.End{Outcome: record.Lost, Reason: "Terminated", Message: "it had not started yet"}})
		}
	})
	return p
}

// finish makes known how an attempt ended, by what a process would have left of its report.
func (r *Run) finish(p *process, role reexec.Role, report record.Report) {
	verdict := reread(role, report)
	r.mu.Lock()
	k := key{role.Step, role.Attempt}
	switch {
	case r.attempts[k] != p:
	case p.sighting.Deleting:
		delete(r.attempts, k)
	case p.sighting.Phase != engine.Ended:
		p.end(verdict)
	}
	r.mu.Unlock()
	r.tell(role.Step)
}

func (p *process) end(verdict record.Report) {
	p.sighting.Phase = engine.Ended
	p.sighting.Result, p.sighting.Value = verdict.Result, verdict.Value
	if verdict.End != nil {
		p.sighting.End = *verdict.End
	}
}

func reread(role reexec.Role, report record.Report) record.Report {
	id := attempt.ID{Run: role.Run, Step: role.Step, Attempt: role.Attempt, UID: role.UID}
	message, err := report.Encode()
	if err == nil {
		report, err = attempt.ParseReport(message, id)
	}
	if err != nil {
		return record.Report{End: &record.End{Outcome: record.Failed, Reason: "NoResult", Message: err.Error()}}
	}
	return report
}

// remove takes an attempt away: at once if it has ended, otherwise when it does.
func (r *Run) remove(k key, uid string) {
	r.mu.Lock()
	p := r.attempts[k]
	switch {
	case p == nil || p.sighting.UID != uid:
		r.mu.Unlock()
		return
	case p.sighting.Phase == engine.Ended:
		delete(r.attempts, k)
	default:
		p.sighting.Deleting = true
	}
	r.mu.Unlock()
	p.cancel()
	r.tell(k.step)
}

// forceRemove takes an attempt away whose process may go on.
func (r *Run) forceRemove(k key, uid string) {
	r.mu.Lock()
	if p := r.attempts[k]; p != nil && p.sighting.UID == uid {
		delete(r.attempts, k)
	}
	r.mu.Unlock()
	r.tell(k.step)
}
