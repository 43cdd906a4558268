package pipeline_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/k8sorchtest"
)

// accountTokenPipeline adds to a parameter in three steps, one of which fails at first, and has a hook.
func accountTokenPipeline(settings pipeline.KubernetesOrchestratorSettings) (*pipeline.Pipeline, *pipeline.Step[int]) {
	start := pipeline.Param("start", 40)
	add := func(_ context.Context, n int) (int, error) { return n + 1, nil }
	first := pipeline.Func("first", add, start)
	second := pipeline.Func("second", func(ctx context.Context, n int) (int, error) {
		if pipeline.AttemptInfo(ctx).Attempt == 1 {
			return 0, errors.New("not yet")
		}
		return n + 1, nil
	}, first).Retry(pipeline.Retry{MaxRetries: 1})
	sum := pipeline.Func2("sum", func(_ context.Context, a, b int) (int, error) { return a + b, nil }, first, second)
	return new(listener).on(pipeline.New("p").Settings(settings).Step(sum)), sum
}

// Steps read for themselves what they are given, and nothing of the pods makes the kubelet wait.
func TestStepAccountTokenInEnv(t *testing.T) {
	t.Parallel()
	p, sum := accountTokenPipeline(pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true)})
	c := k8sorchtest.New(t, p)
	run, err := c.Orchestrator().Run(c.Context(t.Context()), p)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := sum.Result(t.Context(), run); err != nil || got != 41+42 {
		t.Errorf("the run's value is %d, error %v, want %d", got, err, 41+42)
	}
	if diff := cmp.Diff(map[string]pipeline.Outcome{"celebrate": pipeline.Succeeded, "clean": pipeline.Succeeded}, hookOutcomes(run)); diff != "" {
		t.Errorf("hooks (-want +got):\n%s", diff)
	}
	var pods []*corev1.Pod
	for step, want := range map[string]int{"first": 1, "second": 2, "sum": 1, "celebrate": 1, "clean": 1} {
		made := c.Pods(step)
		if len(made) != want {
			t.Errorf("%s had %d pods, want %d", step, len(made), want)
		}
		pods = append(pods, made...)
	}
	for _, pod := range pods {
		if len(pod.Spec.Volumes) > 0 || *pod.Spec.AutomountServiceAccountToken {
			t.Errorf("pod %s has volumes %v, and that of its token: %t", pod.Name, pod.Spec.Volumes, *pod.Spec.AutomountServiceAccountToken)
		}
		for _, v := range pod.Spec.Containers[0].Env {
			if v.Name == "K8SORCH_ACCOUNT_TOKEN" && v.Value != "" {
				t.Errorf("pod %s shows its token", pod.Name)
			}
		}
	}
	secrets, err := c.Clientset().CoreV1().Secrets(k8sorchtest.Namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "run=" + run.ID})
	if err != nil || len(secrets.Items) != 1 {
		t.Errorf("there are %d Secrets of the run, error %v, want 1", len(secrets.Items), err)
	}
}

// The step that asks for it alone has it; the others have their volumes.
func TestStepAccountTokenInEnvOfOneStep(t *testing.T) {
	t.Parallel()
	load := pipeline.Func0("load", number).Settings(pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true)})
	train := pipeline.Func("train", func(_ context.Context, n int) (int, error) { return n, nil }, load)
	p := pipeline.New("p").Step(train)
	c := k8sorchtest.New(t, p)
	if _, err := c.Orchestrator().Run(c.Context(t.Context()), p); err != nil {
		t.Fatal(err)
	}
	for step, want := range map[string]bool{"load": true, "train": false} {
		if got := len(c.Pods(step)[0].Spec.Volumes) == 0; got != want {
			t.Errorf("the pod of %s has no volume: %t, want %t", step, got, want)
		}
	}
}

// Variables are inherited by what a process starts, so this one must be gone when the step's function is called.
func TestStepAccountTokenIsNotInherited(t *testing.T) {
	t.Setenv("K8SORCH_TASK", `{"role":"step","pipeline":"p","step":"a","namespace":"team"}`)
	t.Setenv("K8SORCH_ACCOUNT_TOKEN", canary)
	t.Setenv("K8SORCH_CA", "certificates")
	o := pipeline.NewOrchestrator(pipeline.Config{}, pipeline.WithExit(func(int) {}), pipeline.WithClientset(k8sorchtest.New(t).Clientset()))
	if err := o.Dispatch(t.Context(), pipeline.New("p").Step(pipeline.Func0("a", number))); err != nil {
		t.Fatal(err)
	}
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "K8SORCH_") {
			t.Errorf("the environment still has %s", v)
		}
	}
}

func TestRBACOfStepAccountTokens(t *testing.T) {
	t.Parallel()
	p := pipeline.New("p").Step(pipeline.Func0("a", number))
	for _, test := range []struct {
		settings pipeline.KubernetesOrchestratorSettings
		want     string
	}{
		{pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true)}, "- k8sorch-step\n  resources:\n  - serviceaccounts/token\n"},
		{pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true), StepPodServiceAccountName: new("w")}, "- w\n  resources:\n  - serviceaccounts/token\n"},
		{pipeline.KubernetesOrchestratorSettings{StepAccountTokenInEnv: new(true), ServiceAccountName: new("runner")}, "- k8sorch-step\n  resources:\n  - serviceaccounts/token\n"},
		{pipeline.KubernetesOrchestratorSettings{}, ""},
	} {
		manifest, err := pipeline.NewOrchestrator(pipeline.Config{Settings: test.settings}).RBAC(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(manifest), "serviceaccounts/token"); got != (test.want != "") || !strings.Contains(string(manifest), test.want) {
			t.Errorf("want %q in:\n%s", test.want, manifest)
		}
	}
}
