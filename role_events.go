package pipeline

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/kube"
)

// jobEvents tells the story of a run in Kubernetes events on its Job, for kubectl describe: that it began, which attempts
// failed, how it ended. Steps that succeed are not told of.
type jobEvents struct {
	writer *kube.EventWriter
	told   map[tapped]bool
}

func (c *clusterDrive) newJobEvents(ctx context.Context) *jobEvents {
	e := &jobEvents{writer: kube.NewEventWriter(ctx, c.conn.Client, c.ref, c.role.UID, c.logger), told: map[tapped]bool{}}
	e.writer.Tell(kube.Event{
		Reason: "RunStarted", Message: fmt.Sprintf("run %s of pipeline %s has begun; it has %d step(s)", c.ref.Run, c.ref.Pipeline, len(c.plan.Engine.Steps)),
	})
	return e
}

// changed returns what is to be called with the changes of steps, or of hooks.
func (e *jobEvents) changed(logger *zap.Logger, what string) func(engine.Status) {
	log := stepLogger(logger)
	return func(st engine.Status) {
		log(st)
		e.take(st, what)
	}
}

func (e *jobEvents) take(st engine.Status, what string) {
	switch {
	case st.State == engine.Retrying && len(st.Closed) > 0:
		last := st.Closed[len(st.Closed)-1]
		e.once(tapped{st.Step, last.Attempt}, kube.Event{
			Warning: true, Reason: "StepRetried", About: fmt.Sprint(st.Step, " ", last.Attempt),
			Message: fmt.Sprintf("attempt %d of %s %q ended as %s (%s), another one follows: %s",
				last.Attempt, what, st.Step, last.Outcome, last.Reason, firstLine(last.Message)),
		})
	case st.Outcome == Failed || st.Outcome == Lost || st.Outcome == NotStarted:
		e.once(tapped{step: st.Step}, kube.Event{
			Warning: true, Reason: "StepFailed", About: st.Step,
			Message: fmt.Sprintf("%s %q ended as %s (%s) with attempt %d: %s", what, st.Step, st.Outcome, st.End.Reason, st.Attempt, firstLine(st.End.Message)),
		})
	}
}

// once tells of an attempt that is followed by another, or of the end of a step, where the number of the attempt is 0.
func (e *jobEvents) once(about tapped, event kube.Event) {
	if !e.told[about] {
		e.told[about] = true
		e.writer.Tell(event)
	}
}

// close tells how the run has ended, where it has: its outcome is empty otherwise.
func (e *jobEvents) close(end RunEnd) {
	if end.Outcome == "" {
		e.writer.Close(nil)
		return
	}
	text := fmt.Sprintf("run %s of pipeline %s has ended as %s", end.Run, end.Pipeline, end.Outcome)
	if end.Message != "" {
		text += ": " + firstLine(end.Message)
	}
	e.writer.Close(&kube.Event{Warning: end.Outcome != Succeeded, Reason: "Run" + string(end.Outcome), Message: text})
}
