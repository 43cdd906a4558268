package k8sorchtest

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/kube"
)

// lookAgain is how often the kubelet looks whether what a pod lacks is there by now. A real one takes some seconds more.
const lookAgain = time.Second

// missing is what a pod names and does not exist, as the kubelet tells it.
type missing struct {
	// reason and message are why the container waits.
	reason, message string
	// event is what an event of the reason FailedMount says; empty where there is none.
	event string
}

// furnish returns true when there is everything that the pod names, for which it waits as the kubelet does: until the pod is
// deleted, or the test ends.
func (c *Cluster) furnish(pod *corev1.Pod) bool {
	var told missing
	for {
		m := c.missing(pod)
		if m == nil {
			return true
		}
		if *m != told {
			told = *m
			c.tellMissing(pod, told)
		}
		select {
		case <-c.tb.Context().Done():
			return false
		case <-time.After(lookAgain):
		}
		current, err := c.own.CoreV1().Pods(pod.Namespace).Get(c.tb.Context(), pod.Name, metav1.GetOptions{})
		if err != nil || current.UID != pod.UID {
			return false
		}
	}
}

func (c *Cluster) tellMissing(pod *corev1.Pod, m missing) {
	if m.event != "" {
		_, _ = c.own.CoreV1().Events(pod.Namespace).Create(c.tb.Context(), &corev1.Event{
			ObjectMeta:     metav1.ObjectMeta{Namespace: pod.Namespace, Name: fmt.Sprintf("%s.%d", pod.Name, time.Now().UnixNano())},
			InvolvedObject: corev1.ObjectReference{APIVersion: "v1", Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
			Type:           corev1.EventTypeWarning, Reason: "FailedMount", Message: m.event,
			Source: corev1.EventSource{Component: "kubelet"}, FirstTimestamp: metav1.Now(), LastTimestamp: metav1.Now(), Count: 1,
		}, metav1.CreateOptions{})
	}
	c.setStatus(pod, func(status *corev1.PodStatus) {
		status.Phase = corev1.PodPending
		setMain(status, corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: m.reason, Message: m.message}})
	})
}

// missing returns the first that a pod names and that does not exist; nil where there is nothing of the kind. Volumes are
// mounted before a container is made.
func (c *Cluster) missing(pod *corev1.Pod) *missing {
	for _, v := range pod.Spec.Volumes {
		for _, ref := range volumeRefs(v) {
			if lack := c.lacks(pod.Namespace, ref); lack != "" {
				return &missing{reason: "ContainerCreating", event: fmt.Sprintf("MountVolume.SetUp failed for volume %q : %s", v.Name, lack)}
			}
		}
	}
	for _, container := range pod.Spec.Containers {
		if container.Name != kube.MainContainer {
			continue
		}
		for _, ref := range envRefs(container) {
			if lack := c.lacks(pod.Namespace, ref); lack != "" {
				return &missing{reason: "CreateContainerConfigError", message: lack}
			}
		}
	}
	return nil
}

// ref is a Secret or a ConfigMap that a pod names, and a key of it; empty where all are meant.
type ref struct {
	secret    bool
	name, key string
	optional  *bool
}

func volumeRefs(v corev1.Volume) (refs []ref) {
	if v.Secret != nil {
		refs = append(refs, ref{secret: true, name: v.Secret.SecretName, optional: v.Secret.Optional})
	}
	if v.ConfigMap != nil {
		refs = append(refs, ref{name: v.ConfigMap.Name, optional: v.ConfigMap.Optional})
	}
	if v.Projected == nil {
		return refs
	}
	for _, source := range v.Projected.Sources {
		if s := source.Secret; s != nil {
			refs = append(refs, ref{secret: true, name: s.Name, optional: s.Optional})
		}
		if s := source.ConfigMap; s != nil {
			refs = append(refs, ref{name: s.Name, optional: s.Optional})
		}
	}
	return refs
}

func envRefs(container corev1.Container) (refs []ref) {
	for _, from := range container.EnvFrom {
		if s := from.ConfigMapRef; s != nil {
			refs = append(refs, ref{name: s.Name, optional: s.Optional})
		}
		if s := from.SecretRef; s != nil {
			refs = append(refs, ref{secret: true, name: s.Name, optional: s.Optional})
		}
	}
	for _, v := range container.Env {
		if v.ValueFrom == nil {
			continue
		}
		if s := v.ValueFrom.ConfigMapKeyRef; s != nil {
			refs = append(refs, ref{name: s.Name, key: s.Key, optional: s.Optional})
		}
		if s := v.ValueFrom.SecretKeyRef; s != nil {
			refs = append(refs, ref{secret: true, name: s.Name, key: s.Key, optional: s.Optional})
		}
	}
	return refs
}

func isOptional(optional *bool) bool { return optional != nil && *optional }

// lacks says, as the kubelet does, that what a pod names is not there; empty when it is, or need not be
// (k8s.io/kubernetes/pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables).
func (c *Cluster) lacks(namespace string, r ref) string {
	// Every namespace of a real cluster has the certificates; here they would only be in the way of who looks at what runs leave.
	if isOptional(r.optional) || !r.secret && r.name == kube.RootCA {
		return ""
	}
	kind, low, has := "ConfigMap", "configmap", false
	var err error
	if r.secret {
		kind, low = "Secret", "secret"
		var object *corev1.Secret
		if object, err = c.own.CoreV1().Secrets(namespace).Get(c.tb.Context(), r.name, metav1.GetOptions{}); err == nil {
			_, data := object.Data[r.key]
			_, text := object.StringData[r.key]
			has = data || text
		}
	} else {
		var object *corev1.ConfigMap
		if object, err = c.own.CoreV1().ConfigMaps(namespace).Get(c.tb.Context(), r.name, metav1.GetOptions{}); err == nil {
			_, has = object.Data[r.key]
		}
	}
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Sprintf("%s %q not found", low, r.name)
	case err == nil && r.key != "" && !has:
		return fmt.Sprintf("couldn't find key %s in %s %s/%s", r.key, kind, namespace, r.name)
	}
	return ""
}
