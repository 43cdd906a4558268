// Package plan holds what a pod or child process must know of its run and its binary does not contain. A plan is made
// once, at submit, and never changed.
package plan

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/graph"
)

// Version is the format of the plans this code writes, and the only one it reads: a run's pods have the binary that
// submitted it.
const Version = 2

// FileName is the name of the encoded plan, as a file and as a ConfigMap's key.
const FileName = "plan.json.gz"

// Plan is everything that a run was submitted with.
type Plan struct {
	Version     int         `json:"version"`
	Run         string      `json:"run"`
	Graph       graph.Graph `json:"graph"`
	Fingerprint string      `json:"fingerprint"`
	// Params are the parameters' values, in JSON, defaults included.
	Params map[string]json.RawMessage `json:"params,omitempty"`
	// Engine is how the steps are to be run.
	Engine engine.Plan `json:"engine"`
	// Hooks are how those steps are to be run that are hooks.
	Hooks []engine.Step `json:"hooks,omitempty"`
	// Artifacts is the URL of the artifact store; empty means that values live in records only.
	Artifacts string `json:"artifacts,omitempty"`
	// Submitted is the client's time at submit.
	Submitted time.Time `json:"submitted"`
	// Scheduled is the time a scheduled run fires for.
	Scheduled time.Time `json:"scheduled,omitzero"`
	// Schedule is the schedule that the run is one of; empty for a run that was submitted.
	Schedule string `json:"schedule,omitempty"`
	// Trace is what makes the spans of attempts children of that of the run; nil when there is none.
	Trace map[string]string `json:"trace,omitempty"`
	// Cache says which steps are cached; nil when none is.
	Cache *Cache `json:"cache,omitempty"`
	// Kubernetes is what only pods need.
	Kubernetes *Kubernetes `json:"kubernetes,omitempty"`
}

// Kubernetes is what pods need of a plan.
type Kubernetes struct {
	// Templates are the distinct pod templates of the steps: settings merged, image set, nothing of an attempt in them.
	Templates []corev1.PodTemplateSpec `json:"templates"`
	// StepTemplates is the index of each step's template.
	StepTemplates map[string]int `json:"stepTemplates"`
	// FailurePolicies are what the steps that have one make of the ends of their pods.
	FailurePolicies map[string]*batchv1.PodFailurePolicy `json:"failurePolicies,omitempty"`
	// PodNamePrefix begins the names of the run's pods.
	PodNamePrefix string `json:"podNamePrefix,omitempty"`
	// Token is the variable that brings the run's token to its steps: a reference to a Secret, or the token itself.
	Token *corev1.EnvVar `json:"token,omitempty"`
	// Resync is how often the whole view is checked though no event came.
	Resync time.Duration `json:"resync,omitempty"`
	// Retention is how long the run is kept after its end; 0 means for ever.
	Retention time.Duration `json:"retention,omitempty"`
	// SkipOwners tells that pods and records are made without owners.
	SkipOwners bool `json:"skipOwners,omitempty"`
	// Deadline is how long the run may take; 0 means for ever.
	Deadline time.Duration `json:"deadline,omitempty"`
}

// Template returns the pod template of a step.
func (k *Kubernetes) Template(step string) corev1.PodTemplateSpec {
	return k.Templates[k.StepTemplates[step]]
}

// Encode returns the plan as it is stored.
func (p *Plan) Encode() ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(p); err != nil {
		return nil, fmt.Errorf("encoding plan: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("encoding plan: %w", err)
	}
	return b.Bytes(), nil
}
