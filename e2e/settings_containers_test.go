package e2e

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"

	pipeline "github.com/org/k8sorch"
	"github.com/org/k8sorch/cli"
)

// TestInitContainerOfThisProgram has the program itself, in another guise, prepare what the step then reads.
func TestInitContainerOfThisProgram(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	mounts := []corev1.VolumeMount{{Name: "shared", MountPath: "/shared"}}
	c := s.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{PodSettings: &pipeline.KubernetesPodSettings{
		Volumes:      []corev1.Volume{{Name: "shared", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
		VolumeMounts: mounts,
		AdditionalPodSpecArgs: map[string]any{"init_containers": []any{map[string]any{
			"name": "prepare", "image": pipeline.StepImage, "args": []any{"write", "/shared/text", "prepared"}, "volume_mounts": mounts,
		}}},
	}}, lookingAt(t, []string{"/shared/text"}, nil)...))
	c.wantExit(t, cli.ExitSucceeded)
	c.wantSeen(t, map[string]string{"/shared/text": "prepared"}, nil)
	pod := s.running(t, "look")
	if got, want := pod.Spec.InitContainers[0].Image, pod.Spec.Containers[0].Image; got != want {
		t.Errorf("the init container's image is %s, want the step's, %s", got, want)
	}
}

// TestStepEndsBesideContainersThatDoNot has a container run on beside the step's own. The step after it starts without
// waiting for that container, and nothing of the run goes on when it is over.
func TestStepEndsBesideContainersThatDoNot(t *testing.T) {
	t.Parallel()
	stays := map[string]any{"name": "stays", "image": pipeline.StepImage, "args": []any{"stay"}}
	sidecar := map[string]any{"name": "stays", "image": pipeline.StepImage, "args": []any{"stay"}, "restart_policy": "Always"}
	for name, args := range map[string]map[string]any{
		"native sidecar":  {"init_containers": []any{sidecar}},
		"other container": {"containers": []any{stays}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			c := s.start(t, looking(t, pipeline.KubernetesOrchestratorSettings{
				PodStopGracePeriod: new(5), PodSettings: &pipeline.KubernetesPodSettings{AdditionalPodSpecArgs: args},
			}))
			c.wantExit(t, cli.ExitSucceeded)
			s.wantAfterBeforeEnd(t)
			s.pods.until(t, "all of the run's pods have ended", func([]change[*corev1.Pod]) bool { return !s.anythingRuns() })
		})
	}
}

// wantAfterBeforeEnd fails the test unless the second step was started while the first one's pod was there and not over.
func (s *scene) wantAfterBeforeEnd(t *testing.T) {
	t.Helper()
	started := s.pods.first(t, "the second step is started", func(c change[*corev1.Pod]) bool { return isStep("after")(c.object) })
	ended := s.pods.first(t, "the first step's pod is over", func(c change[*corev1.Pod]) bool {
		return isStep("look")(c.object) && (c.kind == watch.Deleted || isOver(c.object))
	})
	if started.version(t) > ended.version(t) {
		t.Errorf("the second step was started only when the first one's pod was over")
	}
}

// anythingRuns tells whether there is a pod that is not over.
func (s *scene) anythingRuns() bool {
	runs := map[string]bool{}
	for _, c := range s.pods.all() {
		runs[c.object.Name] = c.kind != watch.Deleted && !isOver(c.object)
	}
	for _, running := range runs {
		if running {
			return true
		}
	}
	return false
}
