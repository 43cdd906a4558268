package pipeline

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/kube"
)

// stepPod renders the pod of a step whose pod settings are the inside of an object in YAML.
func stepPod(t *testing.T, pod string) corev1.PodTemplateSpec {
	t.Helper()
	s := KubernetesOrchestratorSettings{PodSettings: podSettings(t, pod)}
	if problems := s.problems(stepScope); problems != nil {
		t.Fatalf("%s: %q", pod, problems)
	}
	template, err := s.stepTemplate(builtImage())
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestPodsGoWhereTheirImageRuns(t *testing.T) {
	t.Parallel()
	pinned := map[string]string{"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64", "pool": "gpu"}
	if d := cmp.Diff(pinned, stepPod(t, `node_selectors: {pool: gpu}`).Spec.NodeSelector); d != "" {
		t.Errorf("made of this program (-want +got):\n%s", d)
	}
	given, err := KubernetesOrchestratorSettings{}.stepTemplate(podImage{ref: "registry.example/given:1"})
	if err != nil {
		t.Fatal(err)
	}
	if given.Spec.NodeSelector != nil {
		t.Errorf("a given image is pinned to %v", given.Spec.NodeSelector)
	}
	if policy := given.Spec.Containers[0].ImagePullPolicy; policy != "" {
		t.Errorf("a tag has pull policy %q, want Kubernetes to choose", policy)
	}
}

func TestDefaultRequestsStayBelowLimits(t *testing.T) {
	t.Parallel()
	got := stepPod(t, `resources: {limits: {memory: 16Mi}}`).Spec.Containers[0].Resources
	want := corev1.ResourceRequirements{Requests: quantities("cpu", "10m"), Limits: quantities("memory", "16Mi")}
	if d := cmp.Diff(want, got, sameQuantity()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestArgsWinOverTheDeadlineOfAnAttempt(t *testing.T) {
	t.Parallel()
	s := KubernetesOrchestratorSettings{ActiveDeadlineSeconds: new(90), PodSettings: podSettings(t, `additional_pod_spec_args: {active_deadline_seconds: 30}`)}
	template, err := s.stepTemplate(builtImage())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(new(int64(30)), template.Spec.ActiveDeadlineSeconds); d != "" {
		t.Errorf("deadline (-want +got):\n%s", d)
	}
}

func TestRootIsPossible(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{
		`container_security_context: {runAsUser: 0}`,
		`container_security_context: {privileged: true}`,
		`additional_pod_spec_args: {containers: [{name: main, security_context: {run_as_user: 0}}]}`,
	} {
		if got := stepPod(t, settings).Spec.Containers[0].SecurityContext.RunAsNonRoot; got == nil || *got {
			t.Errorf("%s: runAsNonRoot of the container is %v, want false", settings, got)
		}
	}
	pod := stepPod(t, `additional_pod_spec_args: {security_context: {run_as_user: 0}}`).Spec.SecurityContext
	if *pod.RunAsNonRoot {
		t.Error("a pod of root refuses root")
	}
}

// TestPrivilegedContradictsNothing: the API server refuses a privileged container that may not escalate.
func TestPrivilegedContradictsNothing(t *testing.T) {
	t.Parallel()
	got := stepPod(t, `container_security_context: {privileged: true, readOnlyRootFilesystem: true}`).Spec.Containers[0].SecurityContext
	want := privilegedContainer()
	want.ReadOnlyRootFilesystem = new(true)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestContainersFromArgs(t *testing.T) {
	t.Parallel()
	spec := stepPod(t, `additional_pod_spec_args: {
		containers: [{name: side, image: "{{ image }}", command: [/app, serve], imagePullPolicy: Always}, {name: main, tty: true}],
		init_containers: [{name: net, image: busybox, securityContext: {capabilities: {add: [NET_ADMIN]}}}],
	}`).Spec
	names := []string{spec.Containers[0].Name, spec.Containers[1].Name}
	if !slices.Equal(names, []string{kube.MainContainer, "side"}) {
		t.Fatalf("containers are %q, want main first and the other kept", names)
	}
	if main := spec.Containers[0]; !main.TTY || main.Image != builtImage().ref {
		t.Errorf("main has tty %v and image %q, want the field added and the rest kept", main.TTY, main.Image)
	}
	if side := spec.Containers[1]; side.Image != builtImage().ref || side.ImagePullPolicy != corev1.PullAlways {
		t.Errorf("side has image %q and policy %q, want the step's and its own", side.Image, side.ImagePullPolicy)
	}
	if d := cmp.Diff(restrictedContainer(), spec.Containers[1].SecurityContext); d != "" {
		t.Errorf("security context of side (-want +got):\n%s", d)
	}
	own := &corev1.SecurityContext{Capabilities: &corev1.Capabilities{Add: []corev1.Capability{"NET_ADMIN"}}}
	if d := cmp.Diff(own, spec.InitContainers[0].SecurityContext); d != "" {
		t.Errorf("security context of net (-want +got):\n%s", d)
	}
}

// TestNativeSidecars has init containers that run beside the main one, in pods of both kinds.
func TestNativeSidecars(t *testing.T) {
	t.Parallel()
	pod := podSettings(t, `additional_pod_spec_args: {init_containers: [
		{name: proxy, image: "registry.example/proxy:3", restart_policy: Always},
		{name: cache, image: "{{ image }}", command: [/app, cache], restartPolicy: Always},
		{name: fetch, image: "{{ image }}", args: [fetch]},
	]}`)
	settings := KubernetesOrchestratorSettings{PodSettings: pod, OrchestratorPodSettings: pod}
	if problems := settings.problems(pipelineScope); problems != nil {
		t.Fatal(problems)
	}
	always := new(corev1.ContainerRestartPolicyAlways)
	want := []corev1.Container{
		{Name: "proxy", Image: "registry.example/proxy:3", RestartPolicy: always},
		{Name: "cache", Image: builtImage().ref, ImagePullPolicy: corev1.PullIfNotPresent, Command: []string{"/app", "cache"}, RestartPolicy: always},
		{Name: "fetch", Image: builtImage().ref, ImagePullPolicy: corev1.PullIfNotPresent, Args: []string{"fetch"}},
	}
	for i := range want {
		want[i].SecurityContext = restrictedContainer()
	}
	for step, sent := range finishedPods(t, settings) {
		if d := cmp.Diff(want, sent.Spec.InitContainers); d != "" {
			t.Errorf("init containers in the pod of %q (-want +got):\n%s", step, d)
		}
	}
}

func TestWhatOnlyArgsCanSay(t *testing.T) {
	t.Parallel()
	pod := podSettings(t, `additional_pod_spec_args: {priority_class_name: batch-high, runtime_class_name: gvisor}`)
	for step, sent := range finishedPods(t, KubernetesOrchestratorSettings{PodSettings: pod, OrchestratorPodSettings: pod}) {
		if sent.Spec.PriorityClassName != "batch-high" || sent.Spec.RuntimeClassName == nil || *sent.Spec.RuntimeClassName != "gvisor" {
			t.Errorf("the pod of %q has priority class %q and runtime class %v", step, sent.Spec.PriorityClassName, sent.Spec.RuntimeClassName)
		}
	}
}

func TestArgsThatAreNoPodAreAnError(t *testing.T) {
	t.Parallel()
	s := KubernetesOrchestratorSettings{PodSettings: podSettings(t, `additional_pod_spec_args: {priority: high}`)}
	if _, err := s.stepTemplate(builtImage()); err == nil || !strings.Contains(err.Error(), "AdditionalPodSpecArgs") {
		t.Errorf("got %v, want an error that names AdditionalPodSpecArgs", err)
	}
}

func TestTemplatesShareNothingWithSettings(t *testing.T) {
	t.Parallel()
	s := KubernetesOrchestratorSettings{PodSettings: podSettings(t, `labels: {a: b}, env: [{name: A, value: x}], node_selectors: {a: b}`)}
	template, err := s.stepTemplate(podImage{ref: "given"})
	if err != nil {
		t.Fatal(err)
	}
	template.Labels["a"], template.Spec.Containers[0].Env[0].Value, template.Spec.NodeSelector["a"] = "c", "y", "c"
	want := podSettings(t, `labels: {a: b}, env: [{name: A, value: x}], node_selectors: {a: b}`)
	if d := cmp.Diff(want, s.PodSettings); d != "" {
		t.Errorf("changing the template changed the settings (-want +got):\n%s", d)
	}
}
