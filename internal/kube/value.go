package kube

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

// ReadValue returns the encoded value that a result record stands for, from the ConfigMap of the record or from the
// artifact store, which may be nil if the run has none.
func ReadValue(
	ctx context.Context, client kubernetes.Interface, ref Ref, result record.Result, store artifact.Store,
) (attempt.Input, error) {
	in, err := attempt.ValueOf(result, func() (value []byte, err error) {
		err = persist(ctx, func(ctx context.Context) error {
			cm, err := client.CoreV1().ConfigMaps(ref.Namespace).Get(ctx, ResultName(ref.Run, result.Step), metav1.GetOptions{})
			if err == nil {
				value = cm.BinaryData[record.ValueFile(result.Step)]
			}
			return err
		})
		return value, err
	}, store)
	return in, explain(fmt.Sprintf("reading the result of step %q", result.Step), ref.Namespace, err)
}
