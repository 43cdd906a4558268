package pipeline

import (
	"fmt"

	podsecurityapi "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// podSecurity holds pods against the Pod Security standards
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/), with the code by which the API server does.
type podSecurity struct{ evaluator policy.Evaluator }

func newPodSecurity() podSecurity {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		panic(fmt.Sprintf("Kubernetes' own checks are no checks: %v", err))
	}
	return podSecurity{evaluator}
}

// violations returns what of the pod a level forbids, in Kubernetes' words; empty when it forbids nothing.
func (s podSecurity) violations(level podsecurityapi.Level, p finishedPod) string {
	latest := podsecurityapi.LevelVersion{Level: level, Version: podsecurityapi.LatestVersion()}
	results := policy.AggregateCheckResults(s.evaluator.EvaluatePod(latest, &p.template.ObjectMeta, &p.template.Spec))
	return results.ForbiddenDetail()
}

// refusals says which namespaces will refuse the pod.
func (s podSecurity) refusals(p finishedPod) []string {
	violations := s.violations(podsecurityapi.LevelRestricted, p)
	if violations == "" {
		return nil
	}
	levels := "level restricted"
	if s.violations(podsecurityapi.LevelBaseline, p) != "" {
		levels = "levels restricted or baseline"
	}
	return []string{fmt.Sprintf("a namespace that enforces the Pod Security %s will refuse such a pod: %s", levels, violations)}
}

// restrictedOnly says what WithRestrictedPods forbids.
func (s podSecurity) restrictedOnly(p finishedPod) []string {
	violations := s.violations(podsecurityapi.LevelRestricted, p)
	if violations == "" {
		return nil
	}
	return []string{fmt.Sprintf("only pods that pass the Pod Security standard restricted are run here, and it forbids: %s", violations)}
}
