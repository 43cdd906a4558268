package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/reexec"
)

func one(context.Context) (int, error) { return 1, nil }

// given are settings that need no registry.
func given(pod *KubernetesPodSettings) KubernetesOrchestratorSettings {
	return KubernetesOrchestratorSettings{Image: new("registry.example/train:1"), PodSettings: pod}
}

// texts returns what a *ValidationError says, without the places.
func texts(t *testing.T, err error) (all []string) {
	t.Helper()
	invalid, ok := errors.AsType[*ValidationError](err)
	if !ok {
		t.Fatalf("got %v, want a *ValidationError", err)
	}
	for _, m := range invalid.Mistakes {
		all = append(all, m.Text)
	}
	return all
}

// notices renders a run of the pipeline and returns what is said of it.
func notices(t *testing.T, p *Pipeline, opts ...Option) (all []string) {
	t.Helper()
	opts = append(opts, WithEvents(func(e Event) {
		if e.Kind == Notice && e.Run != "" {
			all = append(all, e.Message)
		}
	}))
	if _, err := NewOrchestrator(Config{}, opts...).Render(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRequestsAndLimitsMeetInTheMerge(t *testing.T) {
	t.Parallel()
	limit, request := podSettings(t, `resources: {limits: {memory: 1Gi}}`), podSettings(t, `resources: {requests: {memory: 2Gi}}`)
	const want = ": container main requests 2Gi of memory, and its limit is 1Gi, once the settings of all places are merged: " +
		"raise the limit or lower the request"
	for name, pods := range map[string][2]*KubernetesPodSettings{"the pipeline's limit": {limit, request}, "the pipeline's request": {request, limit}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			load := Func0("load", one).Settings(KubernetesOrchestratorSettings{PodSettings: pods[1]})
			p := New("p").Step(load, Func0("other", one)).Settings(KubernetesOrchestratorSettings{PodSettings: pods[0]})
			if d := cmp.Diff([]string{`step "load"` + want}, texts(t, p.Validate())); d != "" {
				t.Errorf("Validate (-want +got):\n%s", d)
			}
		})
		t.Run(name+", from the configuration", func(t *testing.T) {
			t.Parallel()
			p := New("p").Settings(KubernetesOrchestratorSettings{PodSettings: pods[1]}).
				Step(Func0("a", one), Func0("b", one), Func0("c", one), Func0("d", one), Func0("e", one))
			client := fake.NewClientset()
			_, err := NewOrchestrator(Config{Settings: given(pods[0])}, WithClientset(client)).Submit(t.Context(), p)
			if d := cmp.Diff([]string{`steps "a", "b", "c" and 2 more` + want}, texts(t, err)); d != "" {
				t.Errorf("Submit (-want +got):\n%s", d)
			}
			if calls := client.Actions(); len(calls) > 0 {
				t.Errorf("the cluster was called: %v", calls)
			}
		})
	}
}

func TestOrchestratorsResourcesMeetToo(t *testing.T) {
	t.Parallel()
	p := New("p").Step(Func0("a", one)).
		Settings(KubernetesOrchestratorSettings{OrchestratorPodSettings: podSettings(t, `resources: {limits: {cpu: 1}}`)}).
		Settings(KubernetesOrchestratorSettings{OrchestratorPodSettings: podSettings(t, `resources: {requests: {cpu: 2}}`)})
	got := texts(t, p.Validate())
	if len(got) != 1 || !strings.HasPrefix(got[0], "the orchestrator: container main requests 2 of cpu, and its limit is 1") {
		t.Errorf("got %q", got)
	}
}

func TestAdditionalArgsMeetTheResources(t *testing.T) {
	t.Parallel()
	p := New("p").Step(Func0("a", one)).Settings(given(podSettings(t, `resources: {limits: {cpu: 1}},
		additional_pod_spec_args: {containers: [{name: main, resources: {requests: {cpu: 2}}}]}`)))
	_, err := NewOrchestrator(Config{}).Render(t.Context(), p)
	if got := texts(t, err); len(got) != 1 || !strings.HasPrefix(got[0], `step "a": container main requests 2 of cpu, and its limit is 1`) {
		t.Errorf("got %q", got)
	}
}

func TestFailurePolicyNamesContainersOfThePod(t *testing.T) {
	t.Parallel()
	for container, known := range map[string]bool{"main": true, "fetch": true, "side": true, "Main": false} {
		t.Run(container, func(t *testing.T) {
			t.Parallel()
			settings := given(podSettings(t, `additional_pod_spec_args: {
				init_containers: [{name: fetch, image: busybox}], containers: [{name: side, image: busybox}]}`))
			settings.PodFailurePolicy = failurePolicy("FailJob", 42)
			settings.PodFailurePolicy.Rules[0].OnExitCodes.ContainerName = &container
			p := New("p").Step(Func0("a", one)).Settings(settings)
			_, err := NewOrchestrator(Config{}).Render(t.Context(), p)
			if known {
				if err != nil {
					t.Error(err)
				}
				return
			}
			want := []string{`step "a": PodFailurePolicy.rules[0].onExitCodes.containerName: Unsupported value: "Main": supported values: "main", "side", "fetch"`}
			if d := cmp.Diff(want, texts(t, err)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func TestDefaultPodsPassTheStrictestStandard(t *testing.T) {
	t.Parallel()
	p := New("p").Step(Func0("a", one)).Settings(given(nil))
	if got := notices(t, p, WithRestrictedPods()); got != nil {
		t.Errorf("got %q, want nothing said", got)
	}
}

// weakerPods are settings that weaken the pod of a step or of the orchestrator, with what is said of it.
func weakerPods(t *testing.T) map[string]KubernetesOrchestratorSettings {
	t.Helper()
	weaker := map[string]KubernetesOrchestratorSettings{
		`steps "a", "b": levels restricted or baseline: privileged (container "main" must not set`: {Privileged: new(true)},
		`the orchestrator: levels restricted or baseline: host namespaces (hostIPC=true)`: {
			OrchestratorPodSettings: podSettings(t, `host_ipc: true`),
		},
	}
	for want, pod := range map[string]string{
		`levels restricted or baseline: host namespaces (hostIPC=true)`:                                                 `host_ipc: true`,
		`levels restricted or baseline: host namespaces (hostNetwork=true`:                                              `additional_pod_spec_args: {host_network: true}`,
		`levels restricted or baseline: restricted volume types (volume "data" uses restricted volume type "hostPath")`: `volumes: [{name: data, hostPath: {path: /data}}]`,
		`levels restricted or baseline: unrestricted capabilities (container "main" must not include "SYS_ADMIN"`:       `container_security_context: {capabilities: {add: [SYS_ADMIN]}}`,
		`level restricted: runAsNonRoot != true`:                                                                        `container_security_context: {runAsUser: 0}`,
		`level restricted: unrestricted capabilities (container "side"`: `additional_pod_spec_args: {containers: [
			{name: side, image: busybox, security_context: {allow_privilege_escalation: false}}]}`,
	} {
		weaker[`steps "a", "b": `+want] = KubernetesOrchestratorSettings{PodSettings: podSettings(t, pod)}
	}
	return weaker
}

func TestWeakerPodsAreSpokenOfOnce(t *testing.T) {
	t.Parallel()
	for want, settings := range weakerPods(t) {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			settings.Image = given(nil).Image
			got := notices(t, New("p").Step(Func0("a", one), Func0("b", one)).Settings(settings))
			who, rest, _ := strings.Cut(want, ": ")
			levels, what, _ := strings.Cut(rest, ": ")
			prefix := fmt.Sprintf("%s: a namespace that enforces the Pod Security %s will refuse such a pod: ", who, levels)
			if len(got) != 1 || !strings.HasPrefix(got[0], prefix) || !strings.Contains(got[0], what) {
				t.Errorf("got %q, want one notice %q that says %q", got, prefix, what)
			}
		})
	}
}

func TestRestrictedPodsOnly(t *testing.T) {
	t.Parallel()
	for what, settings := range weakerPods(t) {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			settings.Image = given(nil).Image
			client := fake.NewClientset()
			o := NewOrchestrator(Config{}, WithRestrictedPods(), WithClientset(client))
			_, err := o.Submit(t.Context(), New("p").Step(Func0("a", one), Func0("b", one)).Settings(settings))
			got := texts(t, err)
			if len(got) != 1 || !strings.Contains(got[0], "only pods that pass the Pod Security standard restricted are run here") {
				t.Errorf("got %q, want one mistake", got)
			}
			if calls := client.Actions(); len(calls) > 0 {
				t.Errorf("the cluster was called: %v", calls)
			}
		})
	}
}

func TestRestrictedPodsOnlyWhateverTheTemplate(t *testing.T) {
	t.Parallel()
	share := WithPodTemplate(func(step string, template *corev1.PodTemplateSpec) {
		template.Spec.HostPID = step == "a"
	})
	p := New("p").Step(Func0("a", one)).Settings(given(nil))
	_, err := NewOrchestrator(Config{}, share, WithRestrictedPods()).Render(t.Context(), p)
	if got := texts(t, err); len(got) != 1 || !strings.Contains(got[0], "hostPID=true") || !strings.HasPrefix(got[0], `step "a": `) {
		t.Errorf("got %q, want the step refused for hostPID", got)
	}
}

// finishedPods returns the pods of a run as they are sent to the API server, the orchestrator's under no name.
func finishedPods(t *testing.T, settings KubernetesOrchestratorSettings, opts ...Option) map[string]*corev1.Pod {
	t.Helper()
	d, err := New("train").Step(Func0("load", one)).Settings(settings).freeze()
	if err != nil {
		t.Fatal(err)
	}
	s := NewOrchestrator(Config{Args: []string{"serve"}}, opts...).newSubmission(d, &runOptions{})
	p, spec, err := s.objects("ml", map[imageSource]podImage{settings.imageSource(): builtImage()})
	if err != nil {
		t.Fatal(err)
	}
	job, _, err := spec.Objects()
	if err != nil {
		t.Fatal(err)
	}
	template := job.Spec.Template
	return map[string]*corev1.Pod{
		"":     {ObjectMeta: template.ObjectMeta, Spec: template.Spec},
		"load": kube.NewPods(spec.Ref, p).Of("load", 1, 0),
	}
}

func TestPodTemplateComesLast(t *testing.T) {
	t.Parallel()
	settings := KubernetesOrchestratorSettings{
		PodSettings: podSettings(t, `scheduler_name: first, additional_pod_spec_args: {priority_class_name: low}`),
	}
	pods := finishedPods(t, settings,
		WithPodTemplate(func(step string, template *corev1.PodTemplateSpec) {
			template.Spec.PriorityClassName += "-" + step
			template.Spec.SchedulerName = "second"
		}),
		WithPodTemplate(func(_ string, template *corev1.PodTemplateSpec) { template.Spec.PriorityClassName += "-last" }))
	got := map[string]string{}
	for step, pod := range pods {
		got[step] = pod.Spec.PriorityClassName + " " + pod.Spec.SchedulerName
	}
	if d := cmp.Diff(map[string]string{"": "--last second", "load": "low-load-last second"}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestPodTemplateLeavesWhatThePodNeeds has a template that claims everything the library sets.
func TestPodTemplateLeavesWhatThePodNeeds(t *testing.T) {
	t.Parallel()
	pods := finishedPods(t, KubernetesOrchestratorSettings{}, WithPodTemplate(func(_ string, template *corev1.PodTemplateSpec) {
		for _, label := range append(kube.ReservedLabels(), "team") {
			template.Labels = mergeMap(template.Labels, map[string]string{label: "claimed"})
		}
		template.Spec.RestartPolicy = corev1.RestartPolicyAlways
		main := &template.Spec.Containers[0]
		main.RestartPolicy = new(corev1.ContainerRestartPolicyAlways)
		main.TerminationMessagePath = "/claimed"
		for _, name := range append(reexec.EnvNames(), "MODE") {
			main.Env = append(main.Env, corev1.EnvVar{Name: name, Value: "claimed"})
		}
	}))
	for step, pod := range pods {
		var claimed []string
		for key, value := range pod.Labels {
			if value == "claimed" {
				claimed = append(claimed, key)
			}
		}
		main := pod.Spec.Containers[0]
		for _, v := range main.Env {
			if v.Value == "claimed" {
				claimed = append(claimed, v.Name)
			}
		}
		slices.Sort(claimed)
		if d := cmp.Diff([]string{"MODE", "team"}, claimed); d != "" {
			t.Errorf("what the template claims of the pod of %q (-want +got):\n%s", step, d)
		}
		if pod.Spec.RestartPolicy != corev1.RestartPolicyNever || main.RestartPolicy != nil || main.TerminationMessagePath != "" {
			t.Errorf("pod of %q restarts %s, its container %v, with its message at %s",
				step, pod.Spec.RestartPolicy, main.RestartPolicy, main.TerminationMessagePath)
		}
	}
}

func TestPodTemplateCannotReplaceTheProgram(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*corev1.Container){
		"took the container main away": func(c *corev1.Container) { c.Name = "other" },
		"changed the image, command":   func(c *corev1.Container) { c.Image = "busybox" },
		"command or arguments":         func(c *corev1.Container) { c.Command = []string{"sh"} },
		"with Config.Args":             func(c *corev1.Container) { c.Args[0] = "other" },
	} {
		for _, step := range []string{"", "a"} {
			t.Run(name+" of "+step, func(t *testing.T) {
				t.Parallel()
				o := NewOrchestrator(Config{Args: []string{"serve"}}, WithPodTemplate(func(of string, template *corev1.PodTemplateSpec) {
					if of == step {
						change(&template.Spec.Containers[0])
					}
				}))
				_, err := o.Render(t.Context(), New("p").Step(Func0("a", one)).Settings(given(nil)))
				if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), `step "a"`) != (step == "a") {
					t.Errorf("got %v, want an error that says %q of the pod of %q", err, name, step)
				}
			})
		}
	}
}
