package pipeline

import (
	"time"

	"github.com/org/k8sorch/internal/engine"
)

// The defaults that the settings' documentation names, in its units.
const (
	defaultPodStartupTimeout           = 600
	defaultPodFailureMaxRetries        = 3
	defaultPodFailureRetryDelay        = 10
	defaultPodFailureBackoff           = 1.0
	defaultJobMonitoringInterval       = 300
	defaultOrchestratorJobBackoffLimit = 3
	defaultStopGrace                   = 30
)

// The budget for pods that are taken away, to which BackoffLimitMargin adds. Whatever took the first away may still be
// going on, so the delay doubles.
const (
	lostRetries  = 3
	lostDelay    = 2 * time.Second
	lostFactor   = 2
	lostMaxDelay = time.Minute
)

// engineStep returns how the engine runs a step; its name and what it needs are left to the caller.
func (s KubernetesOrchestratorSettings) engineStep(retry Retry) engine.Step {
	return engine.Step{
		Failed: engine.Budget{
			Retries: retry.MaxRetries,
			Delay:   retry.Delay,
			Factor:  retry.Backoff,
			Cap:     retry.MaxDelay,
			Jitter:  retry.Jitter,
		},
		Lost: engine.Budget{
			Retries: lostRetries + orDefault(s.BackoffLimitMargin, 0),
			Delay:   lostDelay,
			Factor:  lostFactor,
			Cap:     lostMaxDelay,
		},
		NotStarted: engine.Budget{
			Retries: orDefault(s.PodFailureMaxRetries, defaultPodFailureMaxRetries),
			Delay:   seconds(orDefault(s.PodFailureRetryDelay, defaultPodFailureRetryDelay)),
			Factor:  orDefault(s.PodFailureBackoff, defaultPodFailureBackoff),
		},
		StartupTimeout: seconds(orDefault(s.PodStartupTimeout, defaultPodStartupTimeout)),
		Timeout:        seconds(orDefault(s.StepTimeout, 0)),
		ForceAfter:     seconds(orDefault(s.PodForceDeletionTimeout, 0)),
		FailOn:         s.failOn(),
	}
}

// failOn returns the waiting reasons that end a step for good, with their graces.
func (s KubernetesOrchestratorSettings) failOn() map[string]time.Duration {
	graces := waitingGraces()
	if s.FailOnContainerWaitingReasons == nil {
		return graces
	}
	failOn := map[string]time.Duration{}
	for _, reason := range s.FailOnContainerWaitingReasons {
		failOn[reason] = graces[reason]
	}
	return failOn
}

// waitingGraces are the reasons that are fatal by default and how long each has to last. In 120 s the kubelet tries a
// pull four times, its back-off being 10 s that double; in 30 s a ConfigMap or Secret made along with the run is there.
// A malformed image name stays malformed. Reasons that are not here have no grace.
func waitingGraces() map[string]time.Duration {
	return map[string]time.Duration{
		"InvalidImageName":           0,
		"ErrImagePull":               2 * time.Minute,
		"ImagePullBackOff":           2 * time.Minute,
		"CreateContainerConfigError": 30 * time.Second,
	}
}

func seconds[N int | float64](n N) time.Duration {
	return time.Duration(float64(n) * float64(time.Second))
}
