package pipeline

import (
	"math"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

func TestRunSettingsAreRefusedOnSteps(t *testing.T) {
	t.Parallel()
	for _, row := range settingRows() {
		problems := row.values[0].problems(stepScope)
		name, _, _ := strings.Cut(row.field, ".")
		switch {
		case !row.forRun && problems != nil:
			t.Errorf("%s on a step: %q", row.field, problems)
		case row.forRun && (len(problems) != 1 || !strings.HasPrefix(problems[0], name+": Forbidden")):
			t.Errorf("%s on a step: got %q, want one refusal by name", row.field, problems)
		}
	}
}

func TestAllRowsAreValid(t *testing.T) {
	t.Parallel()
	for _, row := range settingRows() {
		for i, value := range row.values {
			if problems := value.problems(pipelineScope); problems != nil {
				t.Errorf("%s, value %d: %q", row.field, i, problems)
			}
		}
	}
}

// TestMistakes has settings with one mistake each, and what the text about it must say.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		settings KubernetesOrchestratorSettings
		say      []string
	}{
		{"negative", KubernetesOrchestratorSettings{MaxParallelism: new(-1)}, []string{"MaxParallelism", "-1", "from 0"}},
		{"too large", KubernetesOrchestratorSettings{PodStartupTimeout: new(math.MaxInt32 + 1)}, []string{"PodStartupTimeout"}},
		{"not a number", KubernetesOrchestratorSettings{PodFailureBackoff: new(math.NaN())}, []string{"PodFailureBackoff", "from 1"}},
		{"shrinking delay", KubernetesOrchestratorSettings{PodFailureBackoff: new(0.5)}, []string{"PodFailureBackoff", "from 1"}},
		{"infinite", KubernetesOrchestratorSettings{ParallelStepStartupWaitingPeriod: new(math.Inf(1))}, []string{"ParallelStepStartupWaitingPeriod"}},
		{"no interval", KubernetesOrchestratorSettings{JobMonitoringInterval: new(0)}, []string{"JobMonitoringInterval", "from 1"}},
		{
			"hasty force", KubernetesOrchestratorSettings{PodForceDeletionTimeout: new(59)},
			[]string{"PodForceDeletionTimeout", "59", "from 60", "twice at the same time"},
		}, {
			"short retention", KubernetesOrchestratorSettings{TTLSecondsAfterFinished: new(299)},
			[]string{"TTLSecondsAfterFinished", "299", "from 300", "records are deleted with the run"},
		},
		{"account", KubernetesOrchestratorSettings{ServiceAccountName: new("My Account")}, []string{"ServiceAccountName", "My Account"}},
		{"step account", KubernetesOrchestratorSettings{StepPodServiceAccountName: new("")}, []string{"StepPodServiceAccountName"}},
		{"prefix", KubernetesOrchestratorSettings{PodNamePrefix: new("a_b")}, []string{"PodNamePrefix", "a_b"}},
		{"mode", KubernetesOrchestratorSettings{ExecutionMode: new(ExecutionMode("fast"))}, []string{"ExecutionMode", "fast", "fail_fast"}},
		{"reason", KubernetesOrchestratorSettings{FailOnContainerWaitingReasons: []string{"X", ""}}, []string{"FailOnContainerWaitingReasons[1]"}},
		{"image", KubernetesOrchestratorSettings{Image: new("UPPER/case")}, []string{"Image", "UPPER"}},
		{"two images", KubernetesOrchestratorSettings{Image: new("a"), BaseImage: new("b")}, []string{"BaseImage", "one of the two"}},
		{
			"orchestrator's pod", KubernetesOrchestratorSettings{OrchestratorPodSettings: &KubernetesPodSettings{HostIPC: new(true), SchedulerName: new("")}},
			[]string{"OrchestratorPodSettings.SchedulerName"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			checkOneProblem(t, test.settings, test.say)
		})
	}
}

func TestMistakesInPods(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, settings string
		say            []string
	}{
		{"label key", `labels: {a b: c}`, []string{"Labels", "a b"}},
		{"label value", `labels: {a: b c}`, []string{"Labels", "b c"}},
		{"node selector", `node_selectors: {a: b c}`, []string{"NodeSelectors", "b c"}},
		{"annotation key", `annotations: {a b: c}`, []string{"Annotations", "a b"}},
		{"library annotation", `annotations: {k8sorch.io/stop: now}`, []string{"Annotations[k8sorch.io/stop]", "library"}},
		{"variable without a name", `env: [{value: x}]`, []string{"Env[0].name"}},
		{"variable twice", `env: [{name: A}, {name: A}]`, []string{"Env[1].name", "Duplicate"}},
		{"variable with two sources", `env: [{name: A, value: x, valueFrom: {}}]`, []string{"Env[0].valueFrom"}},
		{"prefix of variables", `env_from: [{prefix: K8SORCH_}]`, []string{"EnvFrom[0].prefix"}},
		{"library volume", `volumes: [{name: k8sorch}]`, []string{"Volumes[0].name", "library"}},
		{"library claim", `volumes: [{name: k8sorch-artifacts}]`, []string{"Volumes[0].name", "library"}},
		{"volume name", `volumes: [{name: A}]`, []string{"Volumes[0].name"}},
		{"mount in the library's", `volume_mounts: [{name: a, mountPath: /var/./run/k8sorch/x}]`, []string{"VolumeMounts[0].mountPath", "library"}},
		{"mount on the claim", `volume_mounts: [{name: a, mountPath: ` + kube.ClaimMount + `}]`, []string{"VolumeMounts[0].mountPath", "library"}},
		{"mount nowhere", `volume_mounts: [{name: a}]`, []string{"VolumeMounts[0].mountPath"}},
		{"mount twice", `volume_mounts: [{name: a, mountPath: /a}, {name: b, mountPath: /a}]`, []string{"VolumeMounts[1].mountPath", "Duplicate"}},
		{"pull secret", `image_pull_secrets: [a/b]`, []string{"ImagePullSecrets[0]", "a/b"}},
		{"scheduler", `scheduler_name: A`, []string{"SchedulerName"}},
		{"request above limit", `resources: {requests: {cpu: 2}, limits: {cpu: 1}}`, []string{"Resources.requests[cpu]", "limit of 1"}},
		{"negative request", `resources: {requests: {cpu: -1}}`, []string{"Resources.requests[cpu]", "-1"}},
		{"negative limit", `resources: {limits: {cpu: -1}}`, []string{"Resources.limits[cpu]", "-1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.say[0] = "PodSettings." + test.say[0]
			checkOneProblem(t, KubernetesOrchestratorSettings{PodSettings: podSettings(t, test.settings)}, test.say)
		})
	}
}

func checkOneProblem(t *testing.T, s KubernetesOrchestratorSettings, say []string) {
	t.Helper()
	problems := s.problems(pipelineScope)
	if len(problems) != 1 {
		t.Fatalf("got %d problems, want 1: %q", len(problems), problems)
	}
	for _, part := range say {
		if !strings.Contains(problems[0], part) {
			t.Errorf("%q does not say %q", problems[0], part)
		}
	}
}

func TestReservedLabelsAreRefused(t *testing.T) {
	t.Parallel()
	for _, label := range kube.ReservedLabels() {
		s := KubernetesOrchestratorSettings{PodSettings: &KubernetesPodSettings{Labels: map[string]string{label: "mine"}}}
		checkOneProblem(t, s, []string{"PodSettings.Labels[" + label + "]", "library"})
	}
}

// TestLibraryVariablesAreReserved holds the prefix to the names that roles use.
func TestLibraryVariablesAreReserved(t *testing.T) {
	t.Parallel()
	for _, name := range reexec.EnvNames() {
		s := KubernetesOrchestratorSettings{PodSettings: &KubernetesPodSettings{Env: []corev1.EnvVar{{Name: name}}}}
		checkOneProblem(t, s, []string{"PodSettings.Env[0].name", libraryEnv})
	}
}

func TestProblemsNeverRepeatValuesOfVariables(t *testing.T) {
	t.Parallel()
	const secret = "hunter2"
	env := []corev1.EnvVar{{Name: "A", Value: secret}, {Name: "A", Value: secret, ValueFrom: &corev1.EnvVarSource{}}, {Name: "=", Value: secret}}
	s := KubernetesOrchestratorSettings{PodSettings: &KubernetesPodSettings{
		Env: env,
		AdditionalPodSpecArgs: map[string]any{
			"containers": []any{map[string]any{"name": "side", "env": []any{map[string]any{"name": "X", "valeu": secret}}}},
		},
	}}
	problems := s.problems(pipelineScope)
	if len(problems) < 3 {
		t.Fatalf("got %q, want a problem for each mistake", problems)
	}
	for _, problem := range problems {
		if strings.Contains(problem, secret) {
			t.Errorf("%q repeats a value", problem)
		}
	}
}

func TestZeroSettingsHaveNoProblems(t *testing.T) {
	t.Parallel()
	for _, s := range []KubernetesOrchestratorSettings{{}, {PodSettings: &KubernetesPodSettings{}}} {
		if problems := s.problems(stepScope); problems != nil {
			t.Errorf("%+v: %q", reflect.ValueOf(s), problems)
		}
	}
}
