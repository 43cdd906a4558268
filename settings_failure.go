package pipeline

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Kubernetes' limits of a failure policy (k8s.io/kubernetes/pkg/apis/batch/validation).
const (
	maxFailureRules      = 20
	maxFailureExitCodes  = 255
	maxFailureConditions = 20
)

// checkFailurePolicy says what is wrong with a failure policy. What Kubernetes refuses in one is refused here too, except
// that the exit codes may come in any order and the status of a condition may be left out.
func checkFailurePolicy(policy *batchv1.PodFailurePolicy, at *field.Path) (found field.ErrorList) {
	if policy == nil {
		return nil
	}
	rules := at.Child("rules")
	if len(policy.Rules) > maxFailureRules {
		found = append(found, field.TooMany(rules, len(policy.Rules), maxFailureRules))
	}
	for i, rule := range policy.Rules {
		found = append(found, checkFailureRule(rule, rules.Index(i))...)
	}
	return found
}

func checkFailureRule(rule batchv1.PodFailurePolicyRule, at *field.Path) (found field.ErrorList) {
	actions := []batchv1.PodFailurePolicyAction{
		batchv1.PodFailurePolicyActionFailJob, batchv1.PodFailurePolicyActionIgnore, batchv1.PodFailurePolicyActionCount,
	}
	if !slices.Contains(actions, rule.Action) {
		found = append(found, field.NotSupported(at.Child("action"), rule.Action, actions))
	}
	switch codes, conditions := rule.OnExitCodes, rule.OnPodConditions; {
	case codes != nil && len(conditions) > 0:
		return append(found, field.Forbidden(at, "it has onExitCodes and onPodConditions; make two rules of it"))
	case codes != nil:
		return append(found, checkFailureExitCodes(*codes, at.Child("onExitCodes"))...)
	case len(conditions) > 0:
		return append(found, checkFailureConditions(conditions, at.Child("onPodConditions"))...)
	}
	return append(found, field.Required(at, "say with onExitCodes or onPodConditions what the rule is about"))
}

func checkFailureExitCodes(on batchv1.PodFailurePolicyOnExitCodesRequirement, at *field.Path) (found field.ErrorList) {
	operators := []batchv1.PodFailurePolicyOnExitCodesOperator{
		batchv1.PodFailurePolicyOnExitCodesOpIn, batchv1.PodFailurePolicyOnExitCodesOpNotIn,
	}
	if !slices.Contains(operators, on.Operator) {
		found = append(found, field.NotSupported(at.Child("operator"), on.Operator, operators))
	}
	values := at.Child("values")
	switch n := len(on.Values); {
	case n == 0:
		found = append(found, field.Required(values, "give one exit code or more"))
	case n > maxFailureExitCodes:
		found = append(found, field.TooMany(values, n, maxFailureExitCodes))
	}
	if i := slices.Index(on.Values, 0); i >= 0 && on.Operator == batchv1.PodFailurePolicyOnExitCodesOpIn {
		found = append(found, field.Invalid(values.Index(i), 0, "containers that end with 0 fit no rule"))
	}
	return found
}

func checkFailureConditions(patterns []batchv1.PodFailurePolicyOnPodConditionsPattern, at *field.Path) (found field.ErrorList) {
	if len(patterns) > maxFailureConditions {
		found = append(found, field.TooMany(at, len(patterns), maxFailureConditions))
	}
	statuses := []corev1.ConditionStatus{corev1.ConditionTrue, corev1.ConditionFalse, corev1.ConditionUnknown}
	for i, p := range patterns {
		found = append(found, invalid(at.Index(i).Child("type"), string(p.Type), validation.IsQualifiedName(string(p.Type)))...)
		if p.Status != "" && !slices.Contains(statuses, p.Status) {
			found = append(found, field.NotSupported(at.Index(i).Child("status"), p.Status, statuses))
		}
	}
	return found
}

// unknownContainers says which rules of the failure policy name containers that the pod does not have.
func (p finishedPod) unknownContainers() (texts []string) {
	var names []string
	for _, c := range slices.Concat(p.template.Spec.Containers, p.template.Spec.InitContainers) {
		names = append(names, c.Name)
	}
	for i, rule := range orDefault(p.policy, batchv1.PodFailurePolicy{}).Rules {
		if on := rule.OnExitCodes; on != nil && on.ContainerName != nil && !slices.Contains(names, *on.ContainerName) {
			at := field.NewPath("PodFailurePolicy", "rules").Index(i).Child("onExitCodes", "containerName")
			texts = append(texts, field.NotSupported(at, *on.ContainerName, names).Error())
		}
	}
	return texts
}
