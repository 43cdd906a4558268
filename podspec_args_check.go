package pipeline

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/org/k8sorch/internal/kube"
)

// checkArgs says what is wrong with additional arguments. They are a second way to everything in a pod, so what other
// settings may not do is refused here too.
func checkArgs(args map[string]any, at *field.Path) field.ErrorList {
	tree, found := readArgs(at, args)
	if len(found) > 0 {
		return found
	}
	spec, err := overlayObject(corev1.PodSpec{}, tree)
	if err != nil {
		return field.ErrorList{field.Invalid(at, field.OmitValueType{}, err.Error())}
	}
	return slices.Concat(
		checkOwnFields(spec, at),
		checkVolumes(spec.Volumes, at.Child("volumes")),
		checkContainers(spec.InitContainers, at.Child("initContainers")),
		checkContainers(spec.Containers, at.Child("containers")),
	)
}

// checkOwnFields refuses fields of a pod on which the library relies.
func checkOwnFields(spec corev1.PodSpec, at *field.Path) (found field.ErrorList) {
	if spec.RestartPolicy != "" && spec.RestartPolicy != corev1.RestartPolicyNever {
		found = append(found, field.Forbidden(at.Child("restartPolicy"), "an attempt is one pod, and its restart would be another; it is Never"))
	}
	if spec.ServiceAccountName != "" || spec.DeprecatedServiceAccount != "" {
		found = append(found, field.Forbidden(at.Child("serviceAccountName"), "set ServiceAccountName or StepPodServiceAccountName"))
	}
	if len(spec.EphemeralContainers) > 0 {
		found = append(found, field.Forbidden(at.Child("ephemeralContainers"), "Kubernetes takes them for running pods only"))
	}
	return found
}

func checkContainers(containers []corev1.Container, at *field.Path) (found field.ErrorList) {
	for i, c := range containers {
		path := at.Index(i)
		found = slices.Concat(found,
			checkVolumeMountsAndEnv(c, path),
			checkMain(c, path),
		)
		if c.Image == StepImage && len(c.Command)+len(c.Args) == 0 {
			detail := fmt.Sprintf("without a command or arguments, %s would run main once more, as a client", StepImage)
			found = append(found, field.Required(path.Child("args"), detail))
		}
	}
	return append(found, checkUnique(containers, at, "name", func(c corev1.Container) string { return c.Name })...)
}

func checkVolumeMountsAndEnv(c corev1.Container, at *field.Path) field.ErrorList {
	return slices.Concat(
		checkMounts(c.VolumeMounts, at.Child("volumeMounts")),
		checkEnv(c.Env, at.Child("env")),
		checkEnvFrom(c.EnvFrom, at.Child("envFrom")),
	)
}

// checkMain refuses what would keep the step's own container from running the step or from telling how it ended.
func checkMain(c corev1.Container, at *field.Path) (found field.ErrorList) {
	if c.Name != kube.MainContainer {
		return nil
	}
	for _, own := range []struct {
		name string
		set  bool
	}{
		{"image", c.Image != ""},
		{"command", c.Command != nil},
		{"args", c.Args != nil},
		{"terminationMessagePath", c.TerminationMessagePath != ""},
		{"terminationMessagePolicy", c.TerminationMessagePolicy != ""},
		{"restartPolicy", c.RestartPolicy != nil},
	} {
		if own.set {
			found = append(found, field.Forbidden(at.Child(own.name), "the library sets it for the container "+kube.MainContainer))
		}
	}
	return found
}
