package pipeline

import (
	"fmt"
	"math"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// settingsScope is the place that settings are given in.
type settingsScope int

const (
	// pipelineScope is a pipeline or the configuration: everything may be set.
	pipelineScope settingsScope = iota
	// stepScope is a step: what concerns the run may not be set.
	stepScope
)

// minTTL is the least retention of a run, in seconds. The records go with it: the client that waits, a retry of the run
// and the steps that commit last must still find them.
const minTTL = 300

// problems says what is wrong with the settings as they were given in one place.
func (s KubernetesOrchestratorSettings) problems(scope settingsScope) []string {
	var texts []string
	for _, mistake := range s.mistakes(scope) {
		texts = append(texts, mistake.Error())
	}
	slices.Sort(texts)
	return texts
}

// mistakes is problems with their places apart.
func (s KubernetesOrchestratorSettings) mistakes(scope settingsScope) field.ErrorList {
	return slices.Concat(
		s.checkScope(scope),
		s.checkNumbers(),
		s.checkRetention(),
		s.checkForceDeletion(),
		s.checkNames(),
		s.checkImages(),
		s.checkModes(),
		checkFailurePolicy(s.PodFailurePolicy, field.NewPath("PodFailurePolicy")),
		s.PodSettings.check(field.NewPath("PodSettings")),
		s.OrchestratorPodSettings.check(field.NewPath("OrchestratorPodSettings")),
	)
}

func (s KubernetesOrchestratorSettings) checkScope(scope settingsScope) (found field.ErrorList) {
	if scope != stepScope {
		return nil
	}
	for _, setting := range []struct {
		name string
		set  bool
	}{
		{"OrchestratorPodSettings", s.OrchestratorPodSettings != nil},
		{"Synchronous", s.Synchronous != nil},
		{"Timeout", s.Timeout != nil},
		{"RunDeadline", s.RunDeadline != nil},
		{"StreamStepLogs", s.StreamStepLogs != nil},
		{"ServiceAccountName", s.ServiceAccountName != nil},
		{"PodNamePrefix", s.PodNamePrefix != nil},
		{"ExecutionMode", s.ExecutionMode != nil},
		{"MaxParallelism", s.MaxParallelism != nil},
		{"ParallelStepStartupWaitingPeriod", s.ParallelStepStartupWaitingPeriod != nil},
		{"JobMonitoringInterval", s.JobMonitoringInterval != nil},
		{"OrchestratorJobBackoffLimit", s.OrchestratorJobBackoffLimit != nil},
		{"SuccessfulJobsHistoryLimit", s.SuccessfulJobsHistoryLimit != nil},
		{"FailedJobsHistoryLimit", s.FailedJobsHistoryLimit != nil},
		{"TTLSecondsAfterFinished", s.TTLSecondsAfterFinished != nil},
		{"SkipOwnerReferences", s.SkipOwnerReferences != nil},
		{"PreventOrchestratorPodCaching", s.PreventOrchestratorPodCaching != nil},
	} {
		if setting.set {
			found = append(found, field.Forbidden(field.NewPath(setting.name), "it is for the whole run; set it on the pipeline"))
		}
	}
	return found
}

func (s KubernetesOrchestratorSettings) checkNumbers() (found field.ErrorList) {
	for _, number := range []struct {
		name  string
		value float64
		least float64
	}{
		{"Timeout", float64(orDefault(s.Timeout, 0)), 0},
		{"RunDeadline", float64(orDefault(s.RunDeadline, 0)), 0},
		{"MaxParallelism", float64(orDefault(s.MaxParallelism, 0)), 0},
		{"ParallelStepStartupWaitingPeriod", orDefault(s.ParallelStepStartupWaitingPeriod, 0), 0},
		{"PodStartupTimeout", float64(orDefault(s.PodStartupTimeout, 0)), 0},
		{"PodFailureMaxRetries", float64(orDefault(s.PodFailureMaxRetries, 0)), 0},
		{"PodFailureRetryDelay", float64(orDefault(s.PodFailureRetryDelay, 0)), 0},
		{"PodFailureBackoff", orDefault(s.PodFailureBackoff, 1), 1},
		{"BackoffLimitMargin", float64(orDefault(s.BackoffLimitMargin, 0)), 0},
		{"JobMonitoringInterval", float64(orDefault(s.JobMonitoringInterval, 1)), 1},
		{"OrchestratorJobBackoffLimit", float64(orDefault(s.OrchestratorJobBackoffLimit, 0)), 0},
		{"SuccessfulJobsHistoryLimit", float64(orDefault(s.SuccessfulJobsHistoryLimit, 0)), 0},
		{"FailedJobsHistoryLimit", float64(orDefault(s.FailedJobsHistoryLimit, 0)), 0},
		{"PodStopGracePeriod", float64(orDefault(s.PodStopGracePeriod, 0)), 0},
		{"ActiveDeadlineSeconds", float64(orDefault(s.ActiveDeadlineSeconds, 1)), 1},
		{"StepTimeout", float64(orDefault(s.StepTimeout, 0)), 0},
		{"CacheExpiration", float64(orDefault(s.CacheExpiration, 0)), 0},
	} {
		// NaN is not in the range either.
		if !(number.value >= number.least && number.value <= math.MaxInt32) {
			detail := fmt.Sprintf("give a number from %v to %d", number.least, math.MaxInt32)
			found = append(found, field.Invalid(field.NewPath(number.name), number.value, detail))
		}
	}
	return found
}

func (s KubernetesOrchestratorSettings) checkRetention() field.ErrorList {
	ttl := orDefault(s.TTLSecondsAfterFinished, minTTL)
	if ttl >= minTTL && ttl <= math.MaxInt32 {
		return nil
	}
	detail := fmt.Sprintf("give a number from %d to %d, or none to keep the run; "+
		"the records are deleted with the run, and whoever waits for it must still find them", minTTL, math.MaxInt32)
	return field.ErrorList{field.Invalid(field.NewPath("TTLSecondsAfterFinished"), ttl, detail)}
}

// minForceDeletion is the least time after which a pod may be deleted by force, in seconds: in less than that, nobody can tell
// a node that is cut off from one that is late. See [KubernetesOrchestratorSettings.PodForceDeletionTimeout].
const minForceDeletion = 60

func (s KubernetesOrchestratorSettings) checkForceDeletion() field.ErrorList {
	timeout := orDefault(s.PodForceDeletionTimeout, 0)
	if timeout == 0 || timeout >= minForceDeletion && timeout <= math.MaxInt32 {
		return nil
	}
	detail := fmt.Sprintf("give a number from %d to %d, or 0 for never; a node that is only late would be taken for one that is cut off, "+
		"and the step would run twice at the same time", minForceDeletion, math.MaxInt32)
	return field.ErrorList{field.Invalid(field.NewPath("PodForceDeletionTimeout"), timeout, detail)}
}

func (s KubernetesOrchestratorSettings) checkNames() field.ErrorList {
	return slices.Concat(
		checkName(field.NewPath("ServiceAccountName"), s.ServiceAccountName, validation.IsDNS1123Subdomain),
		checkName(field.NewPath("StepPodServiceAccountName"), s.StepPodServiceAccountName, validation.IsDNS1123Subdomain),
		checkName(field.NewPath("PodNamePrefix"), s.PodNamePrefix, validation.IsDNS1123Label),
	)
}

func checkName(at *field.Path, value *string, check func(string) []string) field.ErrorList {
	if value == nil {
		return nil
	}
	return invalid(at, *value, check(*value))
}

// invalid turns what Kubernetes says about a value into errors.
func invalid(at *field.Path, value string, details []string) (found field.ErrorList) {
	for _, detail := range details {
		found = append(found, field.Invalid(at, value, detail))
	}
	return found
}

func (s KubernetesOrchestratorSettings) checkImages() (found field.ErrorList) {
	for _, img := range []struct {
		name string
		ref  *string
	}{{"Image", s.Image}, {"BaseImage", s.BaseImage}} {
		if img.ref == nil {
			continue
		}
		if _, err := name.ParseReference(*img.ref); err != nil {
			found = append(found, field.Invalid(field.NewPath(img.name), *img.ref, err.Error()))
		}
	}
	if s.Image != nil && s.BaseImage != nil {
		found = append(found, field.Forbidden(field.NewPath("BaseImage"), "Image is run as it is; set one of the two"))
	}
	return found
}

func (s KubernetesOrchestratorSettings) checkModes() (found field.ErrorList) {
	modes := []ExecutionMode{ContinueOnFailure, StopOnFailure, FailFast}
	if s.ExecutionMode != nil && !slices.Contains(modes, *s.ExecutionMode) {
		found = append(found, field.NotSupported(field.NewPath("ExecutionMode"), *s.ExecutionMode, modes))
	}
	if s.CacheVersion != nil && *s.CacheVersion == "" {
		found = append(found, field.Required(field.NewPath("CacheVersion"),
			"give it any text, and another one when what the step does changes; without it, every change of the program counts"))
	}
	if i := slices.Index(s.FailOnContainerWaitingReasons, ""); i >= 0 {
		found = append(found, field.Required(field.NewPath("FailOnContainerWaitingReasons").Index(i), "name a reason, such as ImagePullBackOff"))
	}
	return found
}
