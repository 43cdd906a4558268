package metrics

import (
	"errors"
	"fmt"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are the metrics of the runs of one or more orchestrators. It is safe for concurrent use.
type Metrics struct {
	submitted, runs, steps, attempts, retries, calls *prometheus.CounterVec
	active                                           *prometheus.GaugeVec
	runTime, attemptTime, startTime                  *prometheus.HistogramVec

	mu sync.Mutex
	// seen is where the steps stand of the runs that are waited for.
	seen map[string]map[string]standing
}

// Labels of the metrics.
const (
	labelPipeline = "pipeline"
	labelStep     = "step"
	labelState    = "state"
	labelOutcome  = "outcome"
	labelReason   = "reason"
)

// New returns metrics that are registered with reg. It is an error when reg has them already: orchestrators whose metrics
// are to be in one registry share one Metrics.
func New(reg prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		submitted: counter("runs_submitted_total", "Runs that were submitted.", labelPipeline),
		runs:      counter("runs_total", "Runs that have ended, by outcome.", labelPipeline, labelOutcome),
		steps:     counter("steps_total", "Steps that have got their outcome, by outcome.", labelPipeline, labelStep, labelOutcome),
		attempts:  counter("attempts_total", "Attempts of steps that have ended, by outcome.", labelPipeline, labelStep, labelOutcome),
		retries:   counter("retries_total", "Attempts of steps that were not the first.", labelPipeline, labelStep),
		calls: counter("api_calls_repeated_total",
			"Calls to the API server that were not served, by reason: Throttled, when it asked for patience, or Failed.", labelReason),
		active: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "steps_active", Help: "Steps without an outcome in runs that are waited for, by state.",
		}, []string{labelPipeline, labelStep, labelState}),
		runTime:     histogram("run_duration_seconds", "How long runs took from their submission to their end.", labelPipeline, labelOutcome),
		attemptTime: histogram("attempt_duration_seconds", "How long attempts of steps ran.", labelPipeline, labelStep, labelOutcome),
		startTime: histogram("step_start_seconds",
			"How long steps took from when everything they need was there until their first attempt was seen to run.", labelPipeline, labelStep),
		seen: map[string]map[string]standing{},
	}
	if err := m.register(reg); err != nil {
		return nil, err
	}
	return m, nil
}

// namespace begins the names of all metrics.
const namespace = "k8sorch"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

// histogram returns a histogram from a second to some hours, which is what runs and steps take.
func histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	const first, factor, buckets = 0.5, 2, 16
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Namespace: namespace, Name: name, Help: help, Buckets: prometheus.ExponentialBuckets(first, factor, buckets),
	}, labels)
}

// register registers all metrics or none.
func (m *Metrics) register(reg prometheus.Registerer) error {
	all := []prometheus.Collector{m.submitted, m.runs, m.steps, m.attempts, m.retries, m.calls, m.active, m.runTime, m.attemptTime, m.startTime}
	for i, c := range all {
		err := reg.Register(c)
		if err == nil {
			continue
		}
		for _, registered := range all[:i] {
			reg.Unregister(registered)
		}
		if _, there := errors.AsType[prometheus.AlreadyRegisteredError](err); there {
			return fmt.Errorf("registering the metrics of k8sorch: %w: share one metrics.Metrics among the orchestrators of a registry", err)
		}
		return fmt.Errorf("registering the metrics of k8sorch: %w", err)
	}
	return nil
}
