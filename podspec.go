package pipeline

import (
	"fmt"
	"maps"

	"github.com/google/go-containerregistry/pkg/name"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/image"
	"github.com/org/k8sorch/internal/kube"
)

// Requests of resources that the settings say nothing of. The memory is what pods take whose steps do nothing, measured in
// docs/memory.md, and room for small values. None is a limit.
const (
	stepCPU            = "10m"
	stepMemory         = "32Mi"
	orchestratorCPU    = "50m"
	orchestratorMemory = "64Mi"
)

// podImage is an image as pods name it.
type podImage struct {
	// ref is the image's reference, by digest where it was made of this program.
	ref string
	// platform is what the image was made for; the zero value where that is not known.
	platform image.Platform
}

// podShape is what the templates of steps and of the orchestrator differ in.
type podShape struct {
	image       podImage
	settings    KubernetesPodSettings
	account     string
	privileged  bool
	grace       *int64
	deadline    *int64
	cpu, memory string
	// tokenInEnv has the pod get its account's token in a variable.
	tokenInEnv bool
}

// stepTemplate returns the pod of a step's attempts, with nothing of an attempt in it.
func (s KubernetesOrchestratorSettings) stepTemplate(img podImage) (corev1.PodTemplateSpec, error) {
	return podShape{
		image:      img,
		settings:   orDefault(s.PodSettings, KubernetesPodSettings{}),
		account:    s.stepAccount(),
		privileged: orDefault(s.Privileged, false),
		grace:      new(int64(orDefault(s.PodStopGracePeriod, defaultStopGrace))),
		deadline:   s.attemptDeadline(),
		cpu:        stepCPU,
		memory:     stepMemory,
		tokenInEnv: orDefault(s.StepAccountTokenInEnv, false),
	}.template()
}

// orchestratorTemplate returns the pod of the orchestrator, with nothing of a run in it.
func (s KubernetesOrchestratorSettings) orchestratorTemplate(img podImage) (corev1.PodTemplateSpec, error) {
	return podShape{
		image:    img,
		settings: orDefault(s.OrchestratorPodSettings, KubernetesPodSettings{}),
		account:  s.orchestratorAccount(),
		cpu:      orchestratorCPU,
		memory:   orchestratorMemory,
	}.template()
}

// attemptDeadline is how long a step's pod may be active, in seconds; nil for as long as it takes.
func (s KubernetesOrchestratorSettings) attemptDeadline() *int64 {
	if s.ActiveDeadlineSeconds == nil {
		return nil
	}
	return new(int64(*s.ActiveDeadlineSeconds))
}

// stepAccount is the service account of the step's pods.
func (s KubernetesOrchestratorSettings) stepAccount() string {
	return orDefault(s.StepPodServiceAccountName, kube.StepAccount)
}

// orchestratorAccount is the service account of the orchestrator's pod.
func (s KubernetesOrchestratorSettings) orchestratorAccount() string {
	return orDefault(s.ServiceAccountName, kube.OrchestratorAccount)
}

func (p podShape) template() (corev1.PodTemplateSpec, error) {
	spec, err := overlayObject(p.spec(), mergeArgs(nil, p.settings.AdditionalPodSpecArgs))
	if err != nil {
		return corev1.PodTemplateSpec{}, fmt.Errorf("putting AdditionalPodSpecArgs into the pod: %w", err)
	}
	p.completeContainers(&spec)
	template := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{
			Labels:      maps.Clone(p.settings.Labels),
			Annotations: mergeMap(leaveAlone(), p.settings.Annotations),
		},
		Spec: spec,
	}
	if p.tokenInEnv {
		kube.WantTokenInEnv(&template)
	}
	return template, nil
}

// leaveAlone returns the annotations that keep autoscalers from evicting the pod to save a node.
func leaveAlone() map[string]string {
	return map[string]string{
		"cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
		"karpenter.sh/do-not-disrupt":                    "true",
	}
}

func (p podShape) spec() corev1.PodSpec {
	spec := corev1.PodSpec{
		RestartPolicy:                 corev1.RestartPolicyNever,
		TerminationGracePeriodSeconds: p.grace,
		ActiveDeadlineSeconds:         p.deadline,
		ServiceAccountName:            p.account,
		EnableServiceLinks:            new(false),
		SecurityContext:               restrictedPod(),
		NodeSelector:                  p.nodeSelector(),
		Affinity:                      p.settings.Affinity,
		Tolerations:                   p.settings.Tolerations,
		Volumes:                       p.settings.Volumes,
		HostIPC:                       orDefault(p.settings.HostIPC, false),
		SchedulerName:                 orDefault(p.settings.SchedulerName, ""),
		Containers:                    []corev1.Container{p.mainContainer()},
	}
	for _, secret := range p.settings.ImagePullSecrets {
		spec.ImagePullSecrets = append(spec.ImagePullSecrets, corev1.LocalObjectReference{Name: secret})
	}
	return spec
}

func (p podShape) mainContainer() corev1.Container {
	return corev1.Container{
		Name:            kube.MainContainer,
		Image:           p.image.ref,
		ImagePullPolicy: pullPolicy(p.image.ref),
		Env:             p.settings.Env,
		EnvFrom:         p.settings.EnvFrom,
		Resources:       p.resources(),
		VolumeMounts:    p.settings.VolumeMounts,
		SecurityContext: p.securityContext(),
	}
}

// pullPolicy spares the registry where the reference cannot mean another image. Elsewhere Kubernetes decides by the tag.
func pullPolicy(ref string) corev1.PullPolicy {
	if _, err := name.NewDigest(ref); err != nil {
		return ""
	}
	return corev1.PullIfNotPresent
}

// nodeSelector keeps the pod to nodes that can run its image.
func (p podShape) nodeSelector() map[string]string {
	if p.image.platform == (image.Platform{}) {
		return p.settings.NodeSelectors
	}
	return mergeMap(map[string]string{
		corev1.LabelOSStable:   p.image.platform.OS,
		corev1.LabelArchStable: p.image.platform.Arch,
	}, p.settings.NodeSelectors)
}

// resources adds the default requests. A resource with a limit alone gets none: Kubernetes takes the limit, which may be
// less than the default.
func (p podShape) resources() corev1.ResourceRequirements {
	r := orDefault(p.settings.Resources.DeepCopy(), corev1.ResourceRequirements{})
	for resourceName, quantity := range map[corev1.ResourceName]string{corev1.ResourceCPU: p.cpu, corev1.ResourceMemory: p.memory} {
		_, requested := r.Requests[resourceName]
		_, limited := r.Limits[resourceName]
		if requested || limited {
			continue
		}
		if r.Requests == nil {
			r.Requests = corev1.ResourceList{}
		}
		r.Requests[resourceName] = resource.MustParse(quantity)
	}
	return r
}
