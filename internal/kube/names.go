// Package kube runs a run's attempts as pods and keeps its records in ConfigMaps.
package kube

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Labels on every object of a run. The names of runs, pipelines and steps have no more than the 63 bytes of a label's value.
const (
	// LabelRun is the run's id.
	LabelRun = "run"
	// LabelPipeline is the pipeline's name.
	LabelPipeline = "pipeline"
	// LabelStep is the step's name, on its pods and records.
	LabelStep = "step"
	// LabelManagedBy marks what this library made.
	LabelManagedBy = "app.kubernetes.io/managed-by"
	// ManagedBy is the value of LabelManagedBy.
	ManagedBy = "k8sorch"
	// LabelAttempt is the attempt's number, on step pods.
	LabelAttempt = "k8sorch.io/attempt"
	// LabelRecord tells what a ConfigMap records: RecordResult, RecordAttempt, RecordStop, RecordEnd or RecordPlan.
	LabelRecord = "k8sorch.io/record"
	// LabelCacheKey is the beginning of the cache key of a step's value, on the result records of cached steps. A label has
	// room for less than the key; the record has all of it.
	LabelCacheKey = "k8sorch.io/cache-key"
	// LabelRole is the role of a pod: orchestrator or step.
	LabelRole = "k8sorch.io/role"
	// LabelSchedule is the name of the schedule, on its objects and on the Jobs and orchestrator pods of its firings.
	LabelSchedule = "k8sorch.io/schedule"
	// AnnotationStop on the orchestrator Job asks the run to stop; its value is the reason.
	AnnotationStop = "k8sorch.io/stop"
	// AnnotationDrain on the orchestrator Job asks the run to drain; its value is the reason.
	AnnotationDrain = "k8sorch.io/drain"
	// AnnotationPlanUID on pods and records without owners is the UID of their run's plan.
	AnnotationPlanUID = "k8sorch.io/plan-uid"
)

// Values of LabelRecord.
const (
	RecordResult  = "result"
	RecordAttempt = "attempt"
	RecordStop    = "stop"
	RecordEnd     = "end"
	RecordPlan    = "plan"
)

// MainContainer is the container that runs the user's binary in every pod.
const MainContainer = "main"

// ReservedLabels are the labels that settings may not set.
func ReservedLabels() []string {
	return []string{LabelRun, LabelPipeline, LabelStep, LabelManagedBy, LabelAttempt, LabelRecord, LabelCacheKey, LabelRole, LabelSchedule}
}

// maxName is the most bytes a pod's name may have to double as its hostname and as a label's value (RFC 1123).
const maxName = 63

// ResultName is the name of the ConfigMap of a step's result record.
func ResultName(run, step string) string { return run + "-" + step + "-result" }

// AttemptName is the name of the ConfigMap of an attempt record.
func AttemptName(run, step string, attempt int) string {
	return fmt.Sprintf("%s-%s-attempt-%d", run, step, attempt)
}

// PodName is the name of an attempt's pod: a readable start and a hash of all that identifies the attempt, at most 63
// bytes. It depends on nothing else, so that a start repeated after a lost answer meets the first one's pod.
func PodName(prefix, run, step string, attempt int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d", run, step, attempt))
	tail := fmt.Sprintf("-%d-%s", attempt, hex.EncodeToString(sum[:])[:8])
	head := step
	if prefix != "" {
		head = prefix + "-" + step
	}
	if room := maxName - len(tail); len(head) > room {
		head = strings.TrimRight(head[:room], "-.")
	}
	return head + tail
}
