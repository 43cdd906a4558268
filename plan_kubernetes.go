package pipeline

import (
	"encoding/json"
	"fmt"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/plan"
)

// kubernetesPlan returns what the run's pods need: their templates, settings merged and images set.
func (s *submission) kubernetesPlan(pods []finishedPod) (*plan.Kubernetes, error) {
	run := s.runSettings()
	k := &plan.Kubernetes{
		StepTemplates: map[string]int{},
		PodNamePrefix: orDefault(run.PodNamePrefix, ""),
		Token:         s.tokenVar(),
		Resync:        seconds(orDefault(run.JobMonitoringInterval, defaultJobMonitoringInterval)),
		Retention:     seconds(orDefault(run.TTLSecondsAfterFinished, 0)),
		SkipOwners:    orDefault(run.SkipOwnerReferences, false),
		Deadline:      seconds(orDefault(run.RunDeadline, 0)),
	}
	known := map[string]int{}
	for _, pod := range pods {
		if err := addTemplate(k, known, pod.step, pod.template); err != nil {
			return nil, err
		}
		addFailurePolicy(k, pod.step, pod.policy)
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

// addFailurePolicy gives the step its failure policy, if it has one.
func addFailurePolicy(k *plan.Kubernetes, step string, policy *batchv1.PodFailurePolicy) {
	if policy == nil || len(policy.Rules) == 0 {
		return
	}
	if k.FailurePolicies == nil {
		k.FailurePolicies = map[string]*batchv1.PodFailurePolicy{}
	}
	k.FailurePolicies[step] = policy
}
