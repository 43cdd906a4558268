package kube

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/record"
)

const (
	failJob = batchv1.PodFailurePolicyActionFailJob
	ignore  = batchv1.PodFailurePolicyActionIgnore
	count   = batchv1.PodFailurePolicyActionCount
)

func policyOf(rules ...batchv1.PodFailurePolicyRule) *batchv1.PodFailurePolicy {
	return &batchv1.PodFailurePolicy{Rules: rules}
}

func onCodes(action batchv1.PodFailurePolicyAction, container string, op batchv1.PodFailurePolicyOnExitCodesOperator, codes ...int32) batchv1.PodFailurePolicyRule {
	on := &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: op, Values: codes}
	if container != "" {
		on.ContainerName = &container
	}
	return batchv1.PodFailurePolicyRule{Action: action, OnExitCodes: on}
}

func in(action batchv1.PodFailurePolicyAction, codes ...int32) batchv1.PodFailurePolicyRule {
	return onCodes(action, "", batchv1.PodFailurePolicyOnExitCodesOpIn, codes...)
}

func notIn(action batchv1.PodFailurePolicyAction, codes ...int32) batchv1.PodFailurePolicyRule {
	return onCodes(action, "", batchv1.PodFailurePolicyOnExitCodesOpNotIn, codes...)
}

func onCondition(action batchv1.PodFailurePolicyAction, kind corev1.PodConditionType, status corev1.ConditionStatus) batchv1.PodFailurePolicyRule {
	return batchv1.PodFailurePolicyRule{
		Action: action, OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: "Other", Status: status}, {Type: kind, Status: status}},
	}
}

func TestFailurePolicy(t *testing.T) {
	t.Parallel()
	exit42 := func(outcome record.Outcome, permanent bool, decided string) record.End {
		return record.End{Outcome: outcome, Permanent: permanent, Reason: "ExitCode", Message: "exit code 42" + decided, ExitCode: 42}
	}
	evicted := record.End{Outcome: record.Lost, Reason: "EvictionByEvictionAPI", Message: "taken away", ExitCode: 143}
	permanent := record.End{Outcome: record.Failed, Reason: "Error", Message: "no rows", Permanent: true}
	for _, tt := range []struct {
		name   string
		policy *batchv1.PodFailurePolicy
		change []func(*corev1.Pod)
		want   record.End
	}{
		// Actions.
		{
			"FailJob", policyOf(in(failJob, 42)), []func(*corev1.Pod){exited(42, "")},
			exit42(record.Failed, true, "; PodFailurePolicy.rules[0] says FailJob: container main ended with exit code 42"),
		}, {
			"Ignore", policyOf(in(ignore, 42)), []func(*corev1.Pod){exited(42, "")},
			exit42(record.Lost, false, "; PodFailurePolicy.rules[0] says Ignore: container main ended with exit code 42"),
		}, {
			"Count", policyOf(in(count, 75)), []func(*corev1.Pod){exited(75, "")},
			record.End{
				Outcome: record.Failed, Reason: "ExitCode", ExitCode: 75,
				Message: "exit code 75; PodFailurePolicy.rules[0] says Count: container main ended with exit code 75",
			},
		}, {
			"an action that is not known is skipped", policyOf(in("FailIndex", 42), in(ignore, 42)), []func(*corev1.Pod){exited(42, "")},
			exit42(record.Lost, false, "; PodFailurePolicy.rules[1] says Ignore: container main ended with exit code 42"),
		},
		// Order.
		{
			"the first that fits decides", policyOf(in(failJob, 41), in(count, 42), in(ignore, 42)), []func(*corev1.Pod){exited(42, "")},
			exit42(record.Failed, false, "; PodFailurePolicy.rules[1] says Count: container main ended with exit code 42"),
		},
		{"none fits", policyOf(in(ignore, 41)), []func(*corev1.Pod){exited(42, "")}, exit42(record.Failed, false, "")},
		{"no rules", policyOf(), []func(*corev1.Pod){exited(42, "")}, exit42(record.Failed, false, "")},
		// Exit codes.
		{
			"NotIn", policyOf(notIn(failJob, 1, 2)), []func(*corev1.Pod){exited(42, "")},
			exit42(record.Failed, true, "; PodFailurePolicy.rules[0] says FailJob: container main ended with exit code 42"),
		},
		{"NotIn, and it is", policyOf(notIn(failJob, 1, 42)), []func(*corev1.Pod){exited(42, "")}, exit42(record.Failed, false, "")},
		{"an operator that is not known", policyOf(onCodes(failJob, "", "Near", 42)), []func(*corev1.Pod){exited(42, "")}, exit42(record.Failed, false, "")},
		{
			"0 fits nothing", policyOf(notIn(ignore, 1)), []func(*corev1.Pod){exited(0, "")},
			record.End{Outcome: record.Failed, Reason: "NoResult", Message: "it ended with exit code 0, and left neither a result record nor a report"},
		}, {
			"any container without a name", policyOf(in(failJob, 3)),
			[]func(*corev1.Pod){withStatus("db", exitState(3, "Error", "")), exited(42, "")},
			exit42(record.Failed, true, "; PodFailurePolicy.rules[0] says FailJob: container db ended with exit code 3"),
		}, {
			"the named container only", policyOf(onCodes(failJob, MainContainer, batchv1.PodFailurePolicyOnExitCodesOpIn, 3)),
			[]func(*corev1.Pod){withStatus("db", exitState(3, "Error", "")), exited(42, "")},
			exit42(record.Failed, false, ""),
		}, {
			"a container that runs on has no code", policyOf(notIn(ignore, 42)),
			[]func(*corev1.Pod){withStatus("db", runningState()), exited(42, "")},
			exit42(record.Failed, false, ""),
		}, {
			"init container", policyOf(onCodes(failJob, "fetch", batchv1.PodFailurePolicyOnExitCodesOpIn, 7)),
			[]func(*corev1.Pod){withInit("fetch", exitState(7, "Error", ""), false), withStatus(MainContainer, waitingState("PodInitializing", ""))},
			record.End{
				Outcome: record.Failed, Permanent: true, Reason: "InitContainerFailed",
				Message: `init container "fetch" ended with exit code 7; ` +
					"PodFailurePolicy.rules[0] says FailJob: container fetch ended with exit code 7",
			},
		},
		// Conditions.
		{
			"condition", policyOf(onCondition(failJob, "ConfigIssue", corev1.ConditionTrue)),
			[]func(*corev1.Pod){withCondition("ConfigIssue", corev1.ConditionTrue, "", ""), exited(42, "")},
			exit42(record.Failed, true, "; PodFailurePolicy.rules[0] says FailJob: the pod has the condition ConfigIssue=True"),
		}, {
			"the status of a condition is True by default", policyOf(onCondition(ignore, "ConfigIssue", "")),
			[]func(*corev1.Pod){withCondition("ConfigIssue", corev1.ConditionTrue, "", ""), exited(42, "")},
			exit42(record.Lost, false, "; PodFailurePolicy.rules[0] says Ignore: the pod has the condition ConfigIssue=True"),
		}, {
			"condition of another status", policyOf(onCondition(ignore, "ConfigIssue", corev1.ConditionFalse)),
			[]func(*corev1.Pod){withCondition("ConfigIssue", corev1.ConditionTrue, "", ""), exited(42, "")},
			exit42(record.Failed, false, ""),
		},
		// Disruptions.
		{
			"an eviction is no failure of the step", policyOf(in(failJob, 143)),
			[]func(*corev1.Pod){disrupted("EvictionByEvictionAPI"), exited(143, "")}, evicted,
		}, {
			"nor is one that shows in the status alone", policyOf(notIn(failJob, 42)),
			[]func(*corev1.Pod){withReason("Evicted", "low on memory"), exited(137, "")},
			record.End{Outcome: record.Lost, Reason: "Evicted", Message: "low on memory", ExitCode: 137},
		}, {
			"unless a rule names the condition", policyOf(in(ignore, 1), onCondition(failJob, corev1.DisruptionTarget, corev1.ConditionTrue)),
			[]func(*corev1.Pod){disrupted("EvictionByEvictionAPI"), exited(143, "")},
			record.End{
				Outcome: record.Failed, Permanent: true, Reason: "EvictionByEvictionAPI", ExitCode: 143,
				Message: "taken away; PodFailurePolicy.rules[1] says FailJob: the pod has the condition DisruptionTarget=True",
			},
		}, {
			"then the rules count in their order", policyOf(in(failJob, 42), onCondition(ignore, corev1.DisruptionTarget, corev1.ConditionTrue)),
			[]func(*corev1.Pod){disrupted("EvictionByEvictionAPI"), exited(42, "")},
			record.End{
				Outcome: record.Failed, Permanent: true, Reason: "EvictionByEvictionAPI", ExitCode: 42,
				Message: "taken away; PodFailurePolicy.rules[0] says FailJob: container main ended with exit code 42",
			},
		}, {
			"but the kubelet's own codes fit none", policyOf(notIn(count, 42), onCondition(ignore, corev1.DisruptionTarget, corev1.ConditionTrue)),
			[]func(*corev1.Pod){disrupted("EvictionByEvictionAPI"), exited(143, "")},
			record.End{
				Outcome: record.Lost, Reason: "EvictionByEvictionAPI", ExitCode: 143,
				Message: "taken away; PodFailurePolicy.rules[1] says Ignore: the pod has the condition DisruptionTarget=True",
			},
		},
		{
			"nor does that of one that was told to terminate before it listened", policyOf(in(failJob, 2), onCondition(ignore, corev1.DisruptionTarget, corev1.ConditionTrue)),
			[]func(*corev1.Pod){disrupted("EvictionByEvictionAPI"), exited(2, "")},
			record.End{
				Outcome: record.Lost, Reason: "EvictionByEvictionAPI", ExitCode: 2,
				Message: "taken away; PodFailurePolicy.rules[1] says Ignore: the pod has the condition DisruptionTarget=True",
			},
		},
		{
			"which is told of the step's own container alone", policyOf(in(failJob, 2), onCondition(ignore, corev1.DisruptionTarget, corev1.ConditionTrue)),
			[]func(*corev1.Pod){disrupted("EvictionByEvictionAPI"), exited(143, ""), withStatus("proxy", exitState(2, "Error", ""))},
			record.End{
				Outcome: record.Failed, Permanent: true, Reason: "EvictionByEvictionAPI", ExitCode: 143,
				Message: "taken away; PodFailurePolicy.rules[0] says FailJob: container proxy ended with exit code 2",
			},
		},
		// What Kubernetes or the step said keeps its words.
		{
			"out of memory", policyOf(in(ignore, 137)),
			[]func(*corev1.Pod){withMemoryLimit("1Gi"), withStatus(MainContainer, exitState(137, "OOMKilled", ""))},
			record.End{
				Outcome: record.Lost, Reason: "OOMKilled", ExitCode: 137,
				Message: "killed for want of memory; its limit is 1Gi; " +
					"PodFailurePolicy.rules[0] says Ignore: container main ended with exit code 137 (SIGKILL)",
			},
		}, {
			"deadline", policyOf(in(failJob, 143)),
			[]func(*corev1.Pod){withReason("DeadlineExceeded", "Pod was active too long"), exited(143, "")},
			record.End{
				Outcome: record.Failed, Permanent: true, Reason: "DeadlineExceeded", ExitCode: 143,
				Message: "Pod was active too long; PodFailurePolicy.rules[0] says FailJob: container main ended with exit code 143 (SIGTERM)",
			},
		}, {
			"a permanent error that is counted stays permanent", policyOf(in(count, 1)), []func(*corev1.Pod){exited(1, endText(t, permanent))},
			record.End{
				Outcome: record.Failed, Permanent: true, Reason: "Error", ExitCode: 1,
				Message: "no rows; PodFailurePolicy.rules[0] says Count: container main ended with exit code 1",
			},
		}, {
			"a permanent error that is ignored is none", policyOf(in(ignore, 1)), []func(*corev1.Pod){exited(1, endText(t, permanent))},
			record.End{
				Outcome: record.Lost, Reason: "Error", ExitCode: 1,
				Message: "no rows; PodFailurePolicy.rules[0] says Ignore: container main ended with exit code 1",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pod := stepPod("load", 1, append([]func(*corev1.Pod){withPhase(corev1.PodFailed)}, tt.change...)...)
			if diff := cmp.Diff(tt.want, classify(idOf(pod), pod, tt.policy).End); diff != "" {
				t.Errorf("end (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReportedResultWinsOverTheFailurePolicy(t *testing.T) {
	t.Parallel()
	value := []byte("42")
	result := resultOf("load", value)
	pod := stepPod("load", 1, withPhase(corev1.PodFailed), exited(1, reportText(t, record.Report{Result: &result, Value: value})))
	got := classify(idOf(pod), pod, policyOf(in(failJob, 1)))
	if diff := cmp.Diff(&result, got.Result); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
	if got.End != (record.End{}) {
		t.Errorf("end %+v, want none", got.End)
	}
}

func TestClusterJudgesAPodByItsStepsPolicy(t *testing.T) {
	t.Parallel()
	p := testPlan()
	p.Kubernetes.FailurePolicies = map[string]*batchv1.PodFailurePolicy{"load": policyOf(in(failJob, 42))}
	c := NewCluster(newFakeAPI(), testRef(), p, Options{})
	for step, permanent := range map[string]bool{"load": true, "train": false} {
		pod := stepPod(step, 1, withPhase(corev1.PodFailed), exited(42, ""))
		if got := c.readPod(pod).means.End; got.Permanent != permanent {
			t.Errorf("step %s: %+v, want it permanent: %t", step, got, permanent)
		}
	}
}
