package kube

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/org/k8sorch/internal/plan"
)

// planConfigMap returns the ConfigMap of the plan, without its owner, and the plan's digest.
func (s Submission) planConfigMap() (config *corev1.ConfigMap, digest string, err error) {
	encoded, err := s.Plan.Encode()
	if err != nil {
		return nil, "", err
	}
	if len(encoded) > corev1.MaxSecretSize {
		return nil, "", fmt.Errorf("storing the plan of run %s: it takes %d bytes, compressed, and a ConfigMap holds %d: "+
			"give steps the same settings where they can share them, and pass large parameters by reference",
			s.Ref.Run, len(encoded), corev1.MaxSecretSize)
	}
	sum := sha256.Sum256(encoded)
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Name: s.Ref.PlanName(), Namespace: s.Ref.Namespace,
			Labels: overlaid(s.Ref.Labels(), map[string]string{LabelRecord: RecordPlan}),
		},
		Immutable:  new(true),
		BinaryData: map[string][]byte{plan.FileName: encoded},
	}, "sha256:" + hex.EncodeToString(sum[:]), nil
}
