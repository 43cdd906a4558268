package pipeline

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/kube"
)

// mountOf returns how the store of a configuration is mounted.
func mountOf(t *testing.T, c Config) artifactMount {
	t.Helper()
	mount, err := (&submission{Orchestrator: NewOrchestrator(c)}).artifactMount()
	if err != nil {
		t.Fatal(err)
	}
	return mount
}

func TestArtifactsAreMounted(t *testing.T) {
	t.Parallel()
	hostPath := corev1.Volume{Name: "k8sorch-artifacts", VolumeSource: corev1.VolumeSource{
		HostPath: &corev1.HostPathVolumeSource{Path: "/srv/artifacts", Type: new(corev1.HostPathDirectoryOrCreate)},
	}}
	tests := []struct {
		name   string
		config Config
		volume corev1.Volume
		path   string
	}{
		{"a claim", Config{Artifacts: "pvc://shared/models"}, volumeOf("k8sorch-artifacts", "shared"), kube.ClaimMount},
		{"a directory of a local cluster's node", Config{Artifacts: "file:///srv/artifacts", Local: true}, hostPath, "/srv/artifacts"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			template := stepPod(t, `additional_pod_spec_args: {containers: [{name: side, image: busybox}]}`)
			mountOf(t, test.config).addTo(&template)
			if d := cmp.Diff([]corev1.Volume{test.volume}, template.Spec.Volumes); d != "" {
				t.Errorf("volumes (-want +got):\n%s", d)
			}
			mounts := []corev1.VolumeMount{{Name: "k8sorch-artifacts", MountPath: test.path}}
			if d := cmp.Diff(mounts, template.Spec.Containers[0].VolumeMounts); d != "" {
				t.Errorf("mounts of main (-want +got):\n%s", d)
			}
			if other := template.Spec.Containers[1].VolumeMounts; other != nil {
				t.Errorf("the other container mounts %v", other)
			}
		})
	}
	if strings.HasPrefix(kube.ClaimMount, libraryDir+"/") {
		t.Errorf("the claim is mounted at %s, in a read-only volume where no mount point can be made", kube.ClaimMount)
	}
}

func TestArtifactsAreNotMounted(t *testing.T) {
	t.Parallel()
	own := `volumes: [{name: nfs, nfs: {server: nas, path: /a}}], volume_mounts: [{name: nfs, mountPath: /srv/artifacts/}]`
	for name, config := range map[string]Config{
		"no store":                   {},
		"mounted by the settings":    {Artifacts: "file:///srv/artifacts", Local: true},
		"not mounted, and unchecked": {Artifacts: "file:///srv/artifacts", SkipLocalValidations: true},
	} {
		template := stepPod(t, own)
		mountOf(t, config).addTo(&template)
		if d := cmp.Diff(stepPod(t, own), template); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
