package kube

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	podsecurityapi "k8s.io/pod-security-admission/api"
)

// podSecurityWords are in every refusal of Pod Security admission (k8s.io/pod-security-admission/admission), which has no
// other mark.
const podSecurityWords = "violates PodSecurity"

// levelPatience bounds the question for a namespace's level, which only makes an error clearer.
const levelPatience = 5 * time.Second

// enforcedLevel says which label of the namespace a refusal by Pod Security follows from, to be added to its message. It
// is empty for other refusals, for who may not read the namespace, as the orchestrator may not, and where the level is
// the cluster's default.
func enforcedLevel(ctx context.Context, client kubernetes.Interface, namespace, message string) string {
	if !strings.Contains(message, podSecurityWords) {
		return ""
	}
	level := EnforcedLevel(ctx, client, namespace)
	if level == "" {
		return ""
	}
	return fmt.Sprintf("; namespace %s has the label %s=%s", namespace, podsecurityapi.EnforceLevelLabel, level)
}

// EnforcedLevel returns the Pod Security level that the namespace enforces; empty where that is the cluster's default or
// cannot be seen.
func EnforcedLevel(ctx context.Context, client kubernetes.Interface, namespace string) string {
	ctx, cancel := context.WithTimeout(ctx, levelPatience)
	defer cancel()
	ns, err := client.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{})
	if err != nil {
		return ""
	}
	return ns.Labels[podsecurityapi.EnforceLevelLabel]
}
