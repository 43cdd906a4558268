package kube

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/reexec"
)

func TestPodForGolden(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file, step string
		room       int64
		change     func(*corev1.PodTemplateSpec)
	}{
		{file: "pod-source.yaml", step: "load", change: func(*corev1.PodTemplateSpec) {}},
		{file: "pod-inputs.yaml", step: "evaluate", room: 4096, change: func(template *corev1.PodTemplateSpec) {
			template.Labels = map[string]string{"team": "vision", LabelRun: "mine", LabelRecord: RecordResult}
			template.Annotations = map[string]string{"example.org/cost-centre": "42"}
			template.Spec.RestartPolicy = corev1.RestartPolicyAlways
			template.Spec.TerminationGracePeriodSeconds = new(int64(45))
			template.Spec.Volumes = []corev1.Volume{{Name: "scratch"}}
			template.Spec.InitContainers = []corev1.Container{{
				Name: "proxy", Image: "proxy", RestartPolicy: new(corev1.ContainerRestartPolicyAlways),
			}}
			main := &template.Spec.Containers[0]
			main.Env = []corev1.EnvVar{{Name: "MODEL", Value: "large"}, {Name: reexec.EnvRun, Value: "mine"}, {Name: reexec.EnvTask, Value: "{}"}}
			main.VolumeMounts = []corev1.VolumeMount{{Name: "scratch", MountPath: "/scratch"}}
			main.TerminationMessagePolicy = corev1.TerminationMessageFallbackToLogsOnError
			main.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("1Gi")}
			template.Spec.Containers = slices.Insert(template.Spec.Containers, 0, corev1.Container{Name: "helper", Image: "helper"})
		}},
		{file: "pod-token-in-env.yaml", step: "evaluate", change: func(template *corev1.PodTemplateSpec) {
			template.Spec.ServiceAccountName = "trainer"
			WantTokenInEnv(template)
		}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			p := testPlan()
			tt.change(&p.Kubernetes.Templates[0])
			p.Kubernetes.PodNamePrefix = "vision"
			got, err := YAML(NewPods(testRef(), p).Of(tt.step, 2, tt.room))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, tt.file, got)
		})
	}
}

// The kubelet divides what it keeps of termination messages among the containers of a pod. A report that was cut would
// be none.
func TestReportsShareTheRoomOfThePod(t *testing.T) {
	t.Parallel()
	for others, want := range map[int]int{0: 0, 2: 0, 3: 3072, 5: 2048} {
		p := testPlan()
		spec := &p.Kubernetes.Templates[0].Spec
		for i := range others {
			side := corev1.Container{Name: fmt.Sprintf("side-%d", i), Image: "side"}
			if i%2 == 0 {
				spec.InitContainers = append(spec.InitContainers, side)
			} else {
				spec.Containers = append(spec.Containers, side)
			}
		}
		if got := roleOf(t, NewPods(testRef(), p).Of("load", 1, 0).Spec).ReportSize; got != want {
			t.Errorf("%d other containers: the size is %d, want %d", others, got, want)
		}
	}
}

// roleOf returns the role that a pod's main container reads from its variables.
func roleOf(t *testing.T, spec corev1.PodSpec) reexec.Role {
	t.Helper()
	env := map[string]string{}
	for _, v := range mainContainer(&spec).Env {
		env[v.Name] = v.Value
	}
	role, err := reexec.Parse(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return role
}

func TestPodForLeavesTheTemplateAlone(t *testing.T) {
	t.Parallel()
	p, want := testPlan(), testPlan()
	NewPods(testRef(), p).Of("train", 1, 0)
	NewPods(testRef(), p).Of("evaluate", 2, -1)
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("plan changed (-want +got):\n%s", diff)
	}
}

func TestPodForTellsTheRole(t *testing.T) {
	t.Parallel()
	p := testPlan()
	p.Kubernetes.Templates[0].Spec.TerminationGracePeriodSeconds = new(int64(45))
	got := roleOf(t, NewPods(testRef(), p).Of("train", 3, -1).Spec)
	want := reexec.Role{
		Kind: reexec.Step, Run: "train-7", Pipeline: "train", Step: "train", Attempt: 3,
		Namespace: "team", Job: "train-7", JobUID: "job-uid", PlanUID: "plan-uid",
		Dir: "/var/run/k8sorch", Report: corev1.TerminationMessagePathDefault, Room: -1, Grace: 45e9,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("role (-want +got):\n%s", diff)
	}
}

func TestPodForWithoutMainContainer(t *testing.T) {
	t.Parallel()
	p := testPlan()
	p.Kubernetes.Templates[0].Spec.Containers = []corev1.Container{{Name: "other", Image: "other"}}
	var names []string
	for _, c := range NewPods(testRef(), p).Of("load", 1, 0).Spec.Containers {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "other main" {
		t.Errorf("containers are %q, want main added for the API server to refuse", got)
	}
}

func TestOwnsGoesByUID(t *testing.T) {
	t.Parallel()
	pod := stepPod("load", 1)
	for _, tt := range []struct {
		name string
		ref  Ref
		want bool
	}{
		{"this run's", testRef(), true},
		{"a retry with a new Job", Ref{JobUID: "other-job", PlanUID: "plan-uid"}, true},
		{"an earlier run of the same name", Ref{JobUID: "other-job", PlanUID: "other-plan"}, false},
		{"nobody's", Ref{}, false},
	} {
		if got := tt.ref.owns(pod); got != tt.want {
			t.Errorf("%s: owns is %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestStepInputs(t *testing.T) {
	t.Parallel()
	p := testPlan()
	p.Graph.Nodes = append(p.Graph.Nodes, graph.Node{Name: "lost", Kind: graph.Step, Inputs: []string{"missing"}})
	for step, want := range map[string][]string{
		"load": nil, "train": {"load"}, "evaluate": {"train", "load"}, "lost": nil, "missing": nil,
	} {
		if diff := cmp.Diff(want, GivenTo(step, p.Graph).inputs); diff != "" {
			t.Errorf("inputs of %s (-want +got):\n%s", step, diff)
		}
	}
}
