package pipeline

import (
	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
)

// endOf returns the end of a run whose steps are over.
func endOf(p *plan.Plan, machine *engine.Machine) RunEnd {
	end := RunEnd{Run: p.Run, Pipeline: p.Graph.Pipeline}
	end.Outcome, end.Message = howEnded(machine)
	for _, planned := range p.Engine.Steps {
		s := stepRun(machine.Status(planned.Name))
		end.Steps = append(end.Steps, StepEnd{Name: s.Name, Outcome: s.Outcome, Reason: s.Reason, Message: s.Message})
	}
	return end
}

// howEnded returns the outcome of a run whose steps are over and, where it was stopped, why.
func howEnded(machine *engine.Machine) (outcome Outcome, why string) {
	if outcome = machine.Outcome(); outcome == Stopped {
		why = machine.StopReason()
	}
	return outcome, why
}
