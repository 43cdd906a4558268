package pipeline

import (
	"encoding/json"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/plan"
)

// kubernetesPlan returns what the run's pods need: their templates, settings merged and images set.
func (s *submission) kubernetesPlan(images map[imageSource]podImage) (*plan.Kubernetes, error) {
	claim, err := s.claim()
	if err != nil {
		return nil, err
	}
	run := s.runSettings()
	k := &plan.Kubernetes{
		StepTemplates: map[string]int{},
		PodNamePrefix: orDefault(run.PodNamePrefix, ""),
		Resync:        seconds(orDefault(run.JobMonitoringInterval, defaultJobMonitoringInterval)),
		Retention:     seconds(orDefault(run.TTLSecondsAfterFinished, 0)),
		SkipOwners:    orDefault(run.SkipOwnerReferences, false),
		Deadline:      seconds(orDefault(run.RunDeadline, 0)),
	}
	known := map[string]int{}
	for _, n := range s.design.nodes {
		if n.kind != graph.Step {
			continue
		}
		settings := s.stepSettings(n)
		template, err := settings.stepTemplate(images[settings.imageSource()])
		if err != nil {
			return nil, fmt.Errorf("making the pod of step %q: %w", n.name, err)
		}
		template.Spec.Containers[0].Args = s.args()
		if claim != "" {
			mountClaim(&template, claim)
		}
		if err := addTemplate(k, known, n.name, template); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// addTemplate gives the step its template. Most steps share one, and a plan has to fit into a ConfigMap.
func addTemplate(k *plan.Kubernetes, known map[string]int, step string, template corev1.PodTemplateSpec) error {
	key, err := json.Marshal(template)
	if err != nil {
		return fmt.Errorf("encoding the pod of step %q: %w", step, err)
	}
	i, ok := known[string(key)]
	if !ok {
		i = len(k.Templates)
		known[string(key)] = i
		k.Templates = append(k.Templates, template)
	}
	k.StepTemplates[step] = i
	return nil
}

// claim returns the PersistentVolumeClaim of the artifact store; empty when it is not in one. A store that pods could
// not reach is refused.
func (s *submission) claim() (string, error) {
	if s.config.Artifacts == "" {
		return "", nil
	}
	location, err := artifact.ParseURL(s.config.Artifacts)
	var unknown *artifact.SchemeError
	switch {
	case errors.As(err, &unknown) && s.openStore != nil:
		return "", nil
	case err != nil:
		return "", err
	case location.Scheme == artifact.SchemeFile:
		return "", fmt.Errorf("artifact store %s is a directory of this machine, which pods cannot see; "+
			"use a claim (pvc://claim/path) or an object store (see the bucket package)", location)
	}
	return location.Claim, nil
}
