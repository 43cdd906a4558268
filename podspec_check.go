package pipeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/org/k8sorch/internal/kube"
)

// check says what is wrong with the settings of a pod: what would break the library's own use of it, and what the API
// server would refuse only once the run has begun.
func (s *KubernetesPodSettings) check(at *field.Path) field.ErrorList {
	if s == nil {
		return nil
	}
	found := slices.Concat(
		metav1validation.ValidateLabels(s.NodeSelectors, at.Child("NodeSelectors")),
		metav1validation.ValidateLabels(s.Labels, at.Child("Labels")),
		apivalidation.ValidateAnnotations(s.Annotations, at.Child("Annotations")),
		checkReservedKeys(s.Labels, at.Child("Labels")),
		checkReservedKeys(s.Annotations, at.Child("Annotations")),
		checkVolumes(s.Volumes, at.Child("Volumes")),
		checkMounts(s.VolumeMounts, at.Child("VolumeMounts")),
		checkEnv(s.Env, at.Child("Env")),
		checkEnvFrom(s.EnvFrom, at.Child("EnvFrom")),
		checkResources(s.Resources, at.Child("Resources")),
	)
	for i, secret := range s.ImagePullSecrets {
		found = append(found, invalid(at.Child("ImagePullSecrets").Index(i), secret, validation.IsDNS1123Subdomain(secret))...)
	}
	return slices.Concat(found,
		checkName(at.Child("SchedulerName"), s.SchedulerName, validation.IsDNS1123Subdomain),
		checkArgs(s.AdditionalPodSpecArgs, at.Child("AdditionalPodSpecArgs")),
	)
}

func checkReservedKeys(keys map[string]string, at *field.Path) (found field.ErrorList) {
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if slices.Contains(kube.ReservedLabels(), key) || isLibraryKey(key) {
			found = append(found, field.Forbidden(at.Key(key), "the library sets it"))
		}
	}
	return found
}

func checkVolumes(volumes []corev1.Volume, at *field.Path) (found field.ErrorList) {
	for i, v := range volumes {
		found = append(found, invalid(at.Index(i).Child("name"), v.Name, validation.IsDNS1123Label(v.Name))...)
		if isLibraryVolume(v.Name) {
			detail := fmt.Sprintf("%[1]s and %[1]s-* are the library's volumes", libraryVolume)
			found = append(found, field.Forbidden(at.Index(i).Child("name"), detail))
		}
	}
	return append(found, checkUnique(volumes, at, "name", func(v corev1.Volume) string { return v.Name })...)
}

func checkMounts(mounts []corev1.VolumeMount, at *field.Path) (found field.ErrorList) {
	for i, m := range mounts {
		if m.MountPath == "" {
			found = append(found, field.Required(at.Index(i).Child("mountPath"), "name the directory"))
			continue
		}
		if isLibraryPath(m.MountPath) {
			detail := fmt.Sprintf("%[1]s and %[1]s-* are the library's directories", libraryDir)
			found = append(found, field.Forbidden(at.Index(i).Child("mountPath"), detail))
		}
	}
	return append(found, checkUnique(mounts, at, "mountPath", func(m corev1.VolumeMount) string { return m.MountPath })...)
}

// checkEnv never repeats a value: it may be a secret.
func checkEnv(env []corev1.EnvVar, at *field.Path) (found field.ErrorList) {
	for i, v := range env {
		found = append(found, invalid(at.Index(i).Child("name"), v.Name, validation.IsRelaxedEnvVarName(v.Name))...)
		if strings.HasPrefix(v.Name, libraryEnv) {
			found = append(found, field.Forbidden(at.Index(i).Child("name"), libraryEnv+" begins the library's own variables"))
		}
		if v.Value != "" && v.ValueFrom != nil {
			found = append(found, field.Forbidden(at.Index(i).Child("valueFrom"), "value is set too; leave one of them out"))
		}
	}
	return append(found, checkUnique(env, at, "name", func(v corev1.EnvVar) string { return v.Name })...)
}

func checkEnvFrom(sources []corev1.EnvFromSource, at *field.Path) (found field.ErrorList) {
	for i, s := range sources {
		if strings.HasPrefix(s.Prefix, libraryEnv) {
			found = append(found, field.Forbidden(at.Index(i).Child("prefix"), libraryEnv+" begins the library's own variables"))
		}
	}
	return found
}

// checkUnique refuses items with the same key: which of them an inherited one would merge with is undefined.
func checkUnique[T any](items []T, at *field.Path, name string, key func(T) string) (found field.ErrorList) {
	seen := map[string]bool{}
	for i, item := range items {
		if seen[key(item)] {
			found = append(found, field.Duplicate(at.Index(i).Child(name), key(item)))
		}
		seen[key(item)] = true
	}
	return found
}

func checkResources(r *corev1.ResourceRequirements, at *field.Path) (found field.ErrorList) {
	if r == nil {
		return nil
	}
	for _, resource := range aboveLimit(*r) {
		request, limit := r.Requests[resource], r.Limits[resource]
		detail := "it is more than the limit of " + limit.String()
		found = append(found, field.Invalid(at.Child("requests").Key(string(resource)), request.String(), detail))
	}
	return slices.Concat(found, checkNotNegative(r.Requests, at.Child("requests")), checkNotNegative(r.Limits, at.Child("limits")))
}

func checkNotNegative(list corev1.ResourceList, at *field.Path) (found field.ErrorList) {
	for resource, quantity := range list {
		if quantity.Sign() < 0 {
			found = append(found, field.Invalid(at.Key(string(resource)), quantity.String(), "give 0 or more"))
		}
	}
	return found
}
