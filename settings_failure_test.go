package pipeline

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// failurePolicySettings reads settings with the inside of a failure policy in YAML.
func failurePolicySettings(t *testing.T, text string) (s KubernetesOrchestratorSettings) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte("pod_failure_policy: {"+text+"}"), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMistakesInFailurePolicies has policies with one mistake each.
func TestMistakesInFailurePolicies(t *testing.T) {
	t.Parallel()
	good := `{action: Count, onExitCodes: {operator: In, values: [1]}}`
	for _, test := range []struct {
		name, policy string
		say          []string
	}{
		{"too many rules", `rules: [` + strings.Repeat(good+", ", 20) + good + `]`, []string{"rules: Too many: 21", "at most 20"}},
		{"no action", `rules: [{onExitCodes: {operator: In, values: [1]}}]`, []string{"rules[0].action", "FailJob"}},
		{"unknown action", `rules: [` + good + `, {action: Retry, onExitCodes: {operator: In, values: [1]}}]`, []string{"rules[1].action", `"Retry"`}},
		{"FailIndex", `rules: [{action: FailIndex, onExitCodes: {operator: In, values: [1]}}]`, []string{"rules[0].action", `"FailIndex"`}},
		{"neither", `rules: [{action: Count}]`, []string{"rules[0]", "onExitCodes or onPodConditions"}},
		{
			"both", `rules: [{action: Count, onExitCodes: {operator: In, values: [1]}, onPodConditions: [{type: A}]}]`,
			[]string{"rules[0]: Forbidden", "two rules"},
		},
		{"unknown operator", `rules: [{action: Count, onExitCodes: {operator: Near, values: [1]}}]`, []string{"rules[0].onExitCodes.operator", `"Near"`}},
		{"no exit codes", `rules: [{action: Count, onExitCodes: {operator: NotIn}}]`, []string{"rules[0].onExitCodes.values", "one exit code"}},
		{
			"too many exit codes", `rules: [{action: Count, onExitCodes: {operator: In, values: [` + strings.Repeat("1, ", 255) + `2]}}]`,
			[]string{"rules[0].onExitCodes.values: Too many: 256"},
		},
		{"exit code 0", `rules: [{action: Count, onExitCodes: {operator: In, values: [1, 0]}}]`, []string{"rules[0].onExitCodes.values[1]", "fit no rule"}},
		{"condition that is no name", `rules: [{action: Count, onPodConditions: [{type: a b}]}]`, []string{"rules[0].onPodConditions[0].type", "a b"}},
		{
			"unknown status", `rules: [{action: Count, onPodConditions: [{type: A}, {type: B, status: Maybe}]}]`,
			[]string{"rules[0].onPodConditions[1].status", "Maybe"},
		},
		{
			"too many conditions", `rules: [{action: Count, onPodConditions: [` + strings.Repeat("{type: A}, ", 20) + `{type: B}]}]`,
			[]string{"rules[0].onPodConditions: Too many: 21"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.say[0] = "PodFailurePolicy." + test.say[0]
			checkOneProblem(t, failurePolicySettings(t, test.policy), test.say)
		})
	}
}

func TestFailurePoliciesThatAreRight(t *testing.T) {
	t.Parallel()
	for _, policy := range []string{
		``,
		`rules: [{action: FailJob, onExitCodes: {containerName: main, operator: NotIn, values: [0, 3, 2]}}]`,
		`rules: [{action: Ignore, onPodConditions: [{type: DisruptionTarget}, {type: example.org/Broken, status: "False"}]}]`,
	} {
		if problems := failurePolicySettings(t, policy).problems(stepScope); problems != nil {
			t.Errorf("%s: %q", policy, problems)
		}
	}
}
