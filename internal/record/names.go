package record

import "fmt"

// ResultFile is the name of a step's encoded result record, as a file and as a ConfigMap's key. It carries the step's
// name so that the records of several inputs can lie in one directory.
func ResultFile(step string) string { return step + ".result.json" }

// ValueFile is the name of a step's inline value beside its result record.
func ValueFile(step string) string { return step + ".value" }

// StopFile is the name of the encoded record of a stop.
const StopFile = "stop.json"

// EndFile is the name of the encoded record of a run's end.
const EndFile = "end.json"

// AttemptFile is the name of the encoded record of an attempt.
func AttemptFile(step string, attempt int) string {
	return fmt.Sprintf("%s.attempt-%d.json", step, attempt)
}
