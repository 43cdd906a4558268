package record

import (
	"cmp"
	"encoding/json"
	"slices"
)

const (
	// MaxRunEnd is the largest encoded record of a run's end, in bytes. A ConfigMap holds 1 MiB at most
	// (k8s.io/api/core/v1.MaxSecretSize, which ConfigMaps share).
	MaxRunEnd = 256 << 10
	// maxEndMessage is what is kept of a message in it, in bytes.
	maxEndMessage = 1 << 10
)

// RunEnd is how a run ended, as its hooks are given it. As a record it is made once, before the first hook begins: what
// comes to be known later does not change which hooks run, nor what they are told.
type RunEnd struct {
	// Run is the run's id, Pipeline the pipeline's name.
	Run      string `json:"run"`
	Pipeline string `json:"pipeline"`
	// Outcome is Succeeded, Failed or Stopped.
	Outcome Outcome `json:"outcome"`
	// Message says why the run was stopped, when it was. No message here is longer than 1 KiB.
	Message string `json:"message,omitempty"`
	// Steps are the run's steps: first those that ended without success, then those that were skipped, then the others,
	// each in topological order.
	Steps []StepEnd `json:"steps"`
	// Omitted counts the last of the steps, which were left out because all of this is at most 256 KiB in JSON.
	Omitted int `json:"omitted,omitempty"`
}

// StepEnd is how one step of a run ended.
type StepEnd struct {
	// Name is the step's name.
	Name string `json:"name"`
	// Outcome says how it ended.
	Outcome Outcome `json:"outcome"`
	// Reason is one word in CamelCase, where the step did not succeed: Error, Panic, ExitCode, OOMKilled, NoResult, ….
	Reason string `json:"reason,omitempty"`
	// Message says how it ended: the step's own error, most of the time.
	Message string `json:"message,omitempty"`
}

// Bounded returns the end in the order of its steps that is promised, and cut to its size.
func (e RunEnd) Bounded() RunEnd {
	steps := slices.Clone(e.Steps)
	slices.SortStableFunc(steps, func(a, b StepEnd) int { return cmp.Compare(a.rank(), b.rank()) })
	e.Message, e.Steps = shorten(e.Message, maxEndMessage), nil
	room := MaxRunEnd - encodedSize(e) - len(`,"omitted":`) - len("1000000000")
	for _, s := range steps {
		s.Message = shorten(s.Message, maxEndMessage)
		if room -= encodedSize(s) + len(","); room < 0 {
			break
		}
		e.Steps = append(e.Steps, s)
	}
	e.Omitted = len(steps) - len(e.Steps)
	return e
}

// rank is 0 for a step that ended without success.
func (s StepEnd) rank() int {
	switch s.Outcome {
	case Skipped:
		return 1
	case Succeeded:
		return 2
	}
	return 0
}

func encodedSize(of any) int {
	// Marshalling structs of strings cannot fail.
	b, _ := json.Marshal(of)
	return len(b)
}
