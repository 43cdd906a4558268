package pipeline

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/graph"
	"github.com/org/k8sorch/internal/kube"
)

// aboveLimit returns the resources of which more is requested than their limits are.
func aboveLimit(r corev1.ResourceRequirements) []corev1.ResourceName {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(r.Requests)), func(name corev1.ResourceName) bool {
		request, limit := r.Requests[name], r.Limits[name]
		_, limited := r.Limits[name]
		return !limited || request.Cmp(limit) <= 0
	})
}

// conflicts says which requests of a container are above its limits.
func conflicts(container string, r corev1.ResourceRequirements) (texts []string) {
	for _, name := range aboveLimit(r) {
		request, limit := r.Requests[name], r.Limits[name]
		texts = append(texts, fmt.Sprintf("container %s requests %s of %s, and its limit is %s, once the settings of all places "+
			"are merged: raise the limit or lower the request", container, request.String(), name, limit.String()))
	}
	return texts
}

// aboveLimits says what the API server would refuse about the resources of the pod's containers.
func (p finishedPod) aboveLimits() (texts []string) {
	for _, c := range slices.Concat(p.template.Spec.InitContainers, p.template.Spec.Containers) {
		texts = append(texts, conflicts(c.Name, c.Resources)...)
	}
	return texts
}

// resources returns what the pod's main container asks for.
func (s *KubernetesPodSettings) resources() *corev1.ResourceRequirements {
	if s == nil {
		return nil
	}
	return s.Resources
}

// checkMerged finds the limits of the pipeline that meet requests of its steps above them, and the other way round.
func (d *design) checkMerged() (found []Mistake) {
	inherited := d.settings.PodSettings.resources()
	var pods []finishedPod
	texts := map[string][]string{}
	check := func(step string, at site, merged *corev1.ResourceRequirements) {
		if said := conflicts(kube.MainContainer, orDefault(merged, corev1.ResourceRequirements{})); len(said) > 0 {
			pods, texts[step] = append(pods, finishedPod{step: step, at: at}), said
		}
	}
	check("", d.pipeline.site, d.settings.OrchestratorPodSettings.resources())
	for _, n := range d.nodes {
		if n.kind == graph.Step {
			check(n.name, n.site, mergeObject(inherited, n.ownSettings().PodSettings.resources()))
		}
	}
	for _, r := range remarksOn(pods, func(p finishedPod) []string { return texts[p.step] }) {
		found = append(found, Mistake{Pos: r.at.String(), Text: r.about() + ": " + r.text})
	}
	return found
}
