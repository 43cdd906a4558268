package pipeline

import (
	"errors"
	"fmt"
	"path"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/kube"
)

// artifactVolume is the volume of the artifact store.
const artifactVolume = libraryVolume + "-artifacts"

// artifactMount is how the artifact store is mounted into the pods of steps. It is zero for a store that needs no mount.
type artifactMount struct {
	source corev1.VolumeSource
	path   string
}

// artifactMount returns how the artifact store of the run is mounted. A store that pods could not reach is refused.
func (s *submission) artifactMount() (artifactMount, error) {
	if s.config.Artifacts == "" {
		return artifactMount{}, nil
	}
	location, err := artifact.ParseURL(s.config.Artifacts)
	var unknown *artifact.SchemeError
	switch {
	case errors.As(err, &unknown) && s.openStore != nil:
		return artifactMount{}, nil
	case err != nil:
		return artifactMount{}, err
	case location.Scheme == artifact.SchemeFile:
		return s.directoryMount(location)
	}
	claim := &corev1.PersistentVolumeClaimVolumeSource{ClaimName: location.Claim}
	return artifactMount{corev1.VolumeSource{PersistentVolumeClaim: claim}, kube.ClaimMount}, nil
}

// directoryMount returns how a directory of the node is mounted, at the path that it has there.
func (s *submission) directoryMount(location artifact.Location) (artifactMount, error) {
	switch {
	case s.config.Local && isLibraryPath(location.Path):
		return artifactMount{}, fmt.Errorf("artifact store %s cannot be mounted into pods at its path: "+
			"%[2]s and %[2]s-* are the library's directories there; use another one", location, libraryDir)
	case s.config.Local:
		dir := &corev1.HostPathVolumeSource{Path: location.Path, Type: new(corev1.HostPathDirectoryOrCreate)}
		return artifactMount{corev1.VolumeSource{HostPath: dir}, location.Path}, nil
	case s.config.SkipLocalValidations:
		return artifactMount{}, nil
	}
	return artifactMount{}, fmt.Errorf("artifact store %s is a directory of this machine, which pods cannot see; "+
		"use a claim (pvc://claim/path) or an object store (see the bucket package), or set Config.Local (flag --local) where the cluster "+
		"is one on this machine, or Config.SkipLocalValidations (flag --skip-local-validations) where the pods' settings mount it", location)
}

// addTo mounts the store into the main container, unless the settings mount something there themselves.
func (m artifactMount) addTo(t *corev1.PodTemplateSpec) {
	i := slices.IndexFunc(t.Spec.Containers, func(c corev1.Container) bool { return c.Name == kube.MainContainer })
	if m.path == "" || i < 0 {
		return
	}
	main := &t.Spec.Containers[i]
	if slices.ContainsFunc(main.VolumeMounts, func(v corev1.VolumeMount) bool { return path.Clean(v.MountPath) == m.path }) {
		return
	}
	t.Spec.Volumes = append(t.Spec.Volumes, corev1.Volume{Name: artifactVolume, VolumeSource: m.source})
	main.VolumeMounts = append(main.VolumeMounts, corev1.VolumeMount{Name: artifactVolume, MountPath: m.path})
}
