package pipeline

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"

	"github.com/org/k8sorch/internal/image"
)

// restrictedPod and restrictedContainer are what the Pod Security standard "restricted" asks for
// (https://kubernetes.io/docs/concepts/security/pod-security-standards/). The group owns mounted volumes, so that the
// user can write to them.
func restrictedPod() *corev1.PodSecurityContext {
	return &corev1.PodSecurityContext{
		RunAsNonRoot:        new(true),
		RunAsUser:           new(int64(image.UserID)),
		RunAsGroup:          new(int64(image.UserID)),
		FSGroup:             new(int64(image.UserID)),
		FSGroupChangePolicy: new(corev1.FSGroupChangeOnRootMismatch),
		SeccompProfile:      &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
	}
}

func restrictedContainer() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false),
		Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
}

// privilegedContainer is root: the privileges of a container are of no use to another user.
func privilegedContainer() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		Privileged:   new(true),
		RunAsUser:    new(int64(0)),
		RunAsGroup:   new(int64(0)),
		RunAsNonRoot: new(false),
	}
}

// securityContext returns that of the main container.
func (p podShape) securityContext() *corev1.SecurityContext {
	asked := p.settings.ContainerSecurityContext
	base := restrictedContainer()
	if p.privileged || asked != nil && orDefault(asked.Privileged, false) {
		base = privilegedContainer()
	}
	return mergeObject(base, asked)
}

// completeContainers gives the containers that came with additional arguments their image and the default security
// context, and makes users of root possible: a pod that asks for root and refuses it would wait for ever.
func (p podShape) completeContainers(spec *corev1.PodSpec) {
	if isRoot(spec.SecurityContext.RunAsUser) {
		spec.SecurityContext.RunAsNonRoot = new(false)
	}
	for _, list := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range list {
			p.complete(&list[i])
		}
	}
}

func (p podShape) complete(c *corev1.Container) {
	if c.Image == StepImage {
		c.Image = p.image.ref
		c.ImagePullPolicy = cmp.Or(c.ImagePullPolicy, pullPolicy(c.Image))
	}
	if c.SecurityContext == nil {
		c.SecurityContext = restrictedContainer()
	}
	if isRoot(c.SecurityContext.RunAsUser) {
		c.SecurityContext.RunAsNonRoot = new(false)
	}
}

func isRoot(user *int64) bool { return user != nil && *user == 0 }
