package kube

import (
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/record"
)

// judge returns the end with the outcome that the step's failure policy gives it. Rules fit as they do for the Job
// controller (k8s.io/kubernetes/pkg/controller/job/pod_failure_policy.go): the first one that fits decides, and where none
// does, the end stays as it is.
//
// It also stays as it is when the pod was taken away and no rule names [corev1.DisruptionTarget]. Where one does, the rules
// count in their order, but the codes with which the kubelet ends containers fit none of them: a rule on any code that
// comes first would otherwise make every eviction a failure of the step.
func (r remains) judge(policy *batchv1.PodFailurePolicy, end record.End) record.End {
	if policy == nil || r.takenAway() && !hasRuleOn(policy, corev1.DisruptionTarget) {
		return end
	}
	for i, rule := range policy.Rules {
		why, fits := r.fits(rule)
		if !fits || !decide(&end, rule.Action) {
			continue
		}
		if end.Message != "" {
			end.Message += "; "
		}
		end.Message += fmt.Sprintf("PodFailurePolicy.rules[%d] says %s: %s", i, rule.Action, why)
		break
	}
	return end
}

// decide puts an action into effect. What the Job controller counts against a Job's backoff limit is a failure of the
// step here, and what it ignores a loss.
func decide(end *record.End, action batchv1.PodFailurePolicyAction) bool {
	switch action {
	case batchv1.PodFailurePolicyActionFailJob:
		end.Outcome, end.Permanent = record.Failed, true
	case batchv1.PodFailurePolicyActionIgnore:
		end.Outcome, end.Permanent = record.Lost, false
	case batchv1.PodFailurePolicyActionCount:
		end.Outcome = record.Failed
	default:
		return false
	}
	return true
}

// takenAway tells a disruption. A pod beyond its deadline has a reason in its status as one that was evicted has, but
// that deadline is the step's own.
func (r remains) takenAway() bool {
	_, disrupted := r.disruption()
	_, late := r.deadline()
	return disrupted && !late
}

func hasRuleOn(policy *batchv1.PodFailurePolicy, kind corev1.PodConditionType) bool {
	return slices.ContainsFunc(policy.Rules, func(rule batchv1.PodFailurePolicyRule) bool {
		return slices.ContainsFunc(rule.OnPodConditions, func(p batchv1.PodFailurePolicyOnPodConditionsPattern) bool {
			return p.Type == kind
		})
	})
}

// fits tells whether a rule is about this end, and what in the pod makes it so.
func (r remains) fits(rule batchv1.PodFailurePolicyRule) (why string, fits bool) {
	if rule.OnExitCodes != nil {
		return r.fitsExitCode(*rule.OnExitCodes)
	}
	for _, pattern := range rule.OnPodConditions {
		// The API server's default.
		status := corev1.ConditionTrue
		if pattern.Status != "" {
			status = pattern.Status
		}
		if condition(r.pod, pattern.Type, status) != nil {
			return fmt.Sprintf("the pod has the condition %s=%s", pattern.Type, status), true
		}
	}
	return "", false
}

// fitsExitCode looks at the containers of which the end is known, init containers after the others. Those that ended
// with 0 never fit.
func (r remains) fitsExitCode(codes batchv1.PodFailurePolicyOnExitCodesRequirement) (why string, fits bool) {
	takenAway := r.takenAway()
	for _, s := range slices.Concat(r.pod.Status.ContainerStatuses, r.pod.Status.InitContainerStatuses) {
		exit := s.State.Terminated
		if exit == nil || exit.ExitCode == 0 || codes.ContainerName != nil && *codes.ContainerName != s.Name {
			continue
		}
		if takenAway && byTermination(s.Name, exit) {
			continue
		}
		listed := slices.Contains(codes.Values, exit.ExitCode)
		if listed && codes.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn ||
			!listed && codes.Operator == batchv1.PodFailurePolicyOnExitCodesOpNotIn {
			return fmt.Sprintf("container %s ended with %s", s.Name, codeInWords(exit.ExitCode)), true
		}
	}
	return "", false
}
