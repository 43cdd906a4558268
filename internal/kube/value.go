package kube

import (
	"context"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/attempt"
	"github.com/org/k8sorch/internal/record"
)

// ReadValue returns the encoded value that a result record stands for: from beside the record when it is inline, else
// from the artifact store, which may be nil when it could not be opened.
func ReadValue(
	ctx context.Context, client kubernetes.Interface, ref Ref, result record.Result, store artifact.Store,
) (attempt.Input, error) {
	if !result.Inline {
		return storedValue(result, store)
	}
	cm, err := client.CoreV1().ConfigMaps(ref.Namespace).Get(ctx, ResultName(ref.Run, result.Step), metav1.GetOptions{})
	if err != nil {
		return attempt.Input{}, fmt.Errorf("reading the result of step %q: %w", result.Step, err)
	}
	value := cm.BinaryData[record.ValueFile(result.Step)]
	if got := string(artifact.Sum(value)); got != result.Digest {
		return attempt.Input{}, fmt.Errorf("reading the result of step %q: its value has digest %s, its record says %s", result.Step, got, result.Digest)
	}
	return attempt.NewInput(result.Step, value), nil
}

func storedValue(result record.Result, store artifact.Store) (attempt.Input, error) {
	if store == nil {
		return attempt.Input{}, fmt.Errorf("reading the result of step %q: it is in the run's artifact store, which cannot be opened here", result.Step)
	}
	return attempt.Input{Name: result.Step, Size: result.Size, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return artifact.Open(ctx, store, artifact.Digest(result.Digest), result.Size)
	}}, nil
}
