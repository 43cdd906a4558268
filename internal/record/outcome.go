// Package record holds what is true of a run: the results of steps, the attempts that ended otherwise, and the reports
// in which a step's process says how it ended.
//
// Records are immutable and made once: whoever comes second finds the first one's. Where they live is up to the
// cluster: ConfigMaps on Kubernetes, files for processes.
package record

// Outcome says how an attempt, or the step it belongs to, ended.
type Outcome string

const (
	// Succeeded: the step's function returned without an error and its value is recorded.
	Succeeded Outcome = "Succeeded"
	// Failed: the step's own error, panic or exit code.
	Failed Outcome = "Failed"
	// Lost: something took the attempt away before it could report: an eviction, a lost node, a store out of reach.
	Lost Outcome = "Lost"
	// NotStarted: the attempt never got to run the step: unschedulable for too long, image not pulled, refused.
	NotStarted Outcome = "NotStarted"
	// Stopped: ended on request, or because the run failed elsewhere.
	Stopped Outcome = "Stopped"
	// Skipped: never begun, because what it needs did not succeed or the run was stopped. Steps only.
	Skipped Outcome = "Skipped"
)
