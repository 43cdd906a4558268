package pipeline

import (
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/kube"
)

// What the library adds to pods is under these names, which settings may not use.
const (
	libraryDir    = "/var/run/k8sorch"
	libraryVolume = "k8sorch"
	libraryEnv    = "K8SORCH_"
	libraryDomain = "k8sorch.io"
)

// claimVolume is the volume of the artifact store's claim.
const claimVolume = libraryVolume + "-artifacts"

// mountClaim mounts a claim for the artifact store into the main container.
func mountClaim(t *corev1.PodTemplateSpec, claim string) {
	t.Spec.Volumes = append(t.Spec.Volumes, corev1.Volume{
		Name: claimVolume,
		VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claim},
		},
	})
	for i := range t.Spec.Containers {
		if c := &t.Spec.Containers[i]; c.Name == kube.MainContainer {
			c.VolumeMounts = append(c.VolumeMounts, corev1.VolumeMount{Name: claimVolume, MountPath: kube.ClaimMount})
		}
	}
}

// isLibraryVolume tells whether a volume's name belongs to the library.
func isLibraryVolume(name string) bool {
	return name == libraryVolume || strings.HasPrefix(name, libraryVolume+"-")
}

// isLibraryPath tells whether a directory is one of the library's or below one.
func isLibraryPath(mountPath string) bool {
	clean := path.Clean("/" + mountPath)
	return strings.HasPrefix(clean+"/", libraryDir+"/") || strings.HasPrefix(clean, libraryDir+"-")
}

// isLibraryKey tells whether a label's or annotation's key is in the library's domain.
func isLibraryKey(key string) bool { return strings.HasPrefix(key, libraryDomain+"/") }
