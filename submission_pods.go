package pipeline

import (
	"cmp"
	"fmt"
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
	"github.com/org/k8sorch/internal/plan"
)

// finishedPod is the pod of a step's attempts or of the orchestrator, with nothing of an attempt or a run in it.
type finishedPod struct {
	// step is empty for the orchestrator.
	step string
	// at is where the step, or for the orchestrator the pipeline, was declared.
	at       site
	template corev1.PodTemplateSpec
	policy   *batchv1.PodFailurePolicy
}

// runPods are the pods of a run.
type runPods struct {
	orchestrator finishedPod
	steps        []finishedPod
}

// all returns the pods, the orchestrator's first.
func (p runPods) all() []finishedPod { return append([]finishedPod{p.orchestrator}, p.steps...) }

// makePods returns the pods of the run, with everything that is wrong with them as one error.
func (s *submission) makePods(images map[imageSource]podImage) (runPods, error) {
	artifacts, err := s.artifactMount()
	if err != nil {
		return runPods{}, err
	}
	var pods runPods
	if pods.orchestrator, err = s.orchestratorPod(images, artifacts); err != nil {
		return runPods{}, err
	}
	for _, n := range s.design.nodes {
		if n.kind != graph.Step {
			continue
		}
		pod, err := s.stepPod(n, images, artifacts)
		if err != nil {
			return runPods{}, err
		}
		pods.steps = append(pods.steps, pod)
	}
	return pods, s.refusePods(pods)
}

// orchestratorPod returns the pod of the orchestrator. Where it looks for earlier values, it has to see what is in the store.
func (s *submission) orchestratorPod(images map[imageSource]podImage, artifacts artifactMount) (finishedPod, error) {
	settings := s.runSettings()
	template, err := settings.orchestratorTemplate(images[settings.imageSource()])
	if err == nil {
		if s.kubernetesCache(images).SearchedBy(plan.ByOrchestrator) {
			artifacts.addTo(&template)
		}
		err = s.finish("", &template)
	}
	if err != nil {
		return finishedPod{}, fmt.Errorf("making the orchestrator's pod: %w", err)
	}
	return finishedPod{at: s.design.pipeline.site, template: template}, nil
}

func (s *submission) stepPod(n *node, images map[imageSource]podImage, artifacts artifactMount) (finishedPod, error) {
	settings := s.stepSettings(n)
	template, err := settings.stepTemplate(images[settings.imageSource()])
	if err == nil {
		artifacts.addTo(&template)
		err = s.finish(n.name, &template)
	}
	if err != nil {
		return finishedPod{}, fmt.Errorf("making the pod of step %q: %w", n.name, err)
	}
	return finishedPod{step: n.name, at: n.site, template: template, policy: settings.PodFailurePolicy}, nil
}

// finish gives the main container its arguments and lets the program change the pod. That container stays this program,
// whatever the program makes of the rest.
func (s *submission) finish(step string, template *corev1.PodTemplateSpec) error {
	main := &template.Spec.Containers[0]
	main.Args = slices.Clone(s.args())
	own := *main.DeepCopy()
	for _, change := range s.podTemplate {
		change(step, template)
	}
	i := slices.IndexFunc(template.Spec.Containers, func(c corev1.Container) bool { return c.Name == kube.MainContainer })
	if i < 0 {
		return fmt.Errorf("WithPodTemplate took the container %s away, which runs this program: leave it there", kube.MainContainer)
	}
	is := template.Spec.Containers[i]
	if is.Image != own.Image || !slices.Equal(is.Command, own.Command) || !slices.Equal(is.Args, own.Args) {
		return fmt.Errorf("WithPodTemplate changed the image, command or arguments of the container %s, which runs this program: "+
			"choose its image with the settings Image or BaseImage, and its arguments with Config.Args", kube.MainContainer)
	}
	return nil
}

// checkPods makes the pods of the run before there are images for them, so that what is wrong with them is told before
// anything is made, and gives notice of what a namespace may refuse and of what may wait for ever.
func (s *submission) checkPods() error {
	images := map[imageSource]podImage{}
	for _, src := range s.imageSources() {
		images[src] = podImage{ref: cmp.Or(src.image, s.design.name)}
	}
	pods, err := s.makePods(images)
	if err != nil {
		return err
	}
	for _, say := range []func(finishedPod) []string{newPodSecurity().refusals, pods.sharedQueue} {
		for _, r := range remarksOn(pods.all(), say) {
			s.notice(r.about() + ": " + r.text)
		}
	}
	return nil
}

// refusePods returns everything that is wrong with the pods.
func (s *submission) refusePods(pods runPods) error {
	checks := []func(finishedPod) []string{finishedPod.aboveLimits, finishedPod.unknownContainers}
	if s.restricted {
		checks = append(checks, newPodSecurity().restrictedOnly)
	}
	var found []Mistake
	for _, check := range checks {
		for _, r := range remarksOn(pods.all(), check) {
			found = append(found, Mistake{Pos: r.at.String(), Text: r.about() + ": " + r.text})
		}
	}
	if len(found) > 0 {
		return &ValidationError{Pipeline: s.design.name, Mistakes: found}
	}
	return nil
}
