package kube

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v4"
	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/org/k8sorch/internal/artifact"
	"github.com/org/k8sorch/internal/pause"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// recorder makes the records of a run, or finds those that were made first.
type recorder struct {
	client kubernetes.Interface
	ref    Ref
}

func newRecorder(client kubernetes.Interface, ref Ref, p *plan.Plan) recorder {
	return recorder{client, ref.under(p)}
}

// commit makes a step's result record and returns the object that stands, with what it says.
func (r recorder) commit(ctx context.Context, result record.Result, value []byte) (*corev1.ConfigMap, record.Result, error) {
	if result.Run != r.ref.Run {
		return nil, record.Result{}, fmt.Errorf("recording the result of step %q: it is of run %q, not of %q", result.Step, result.Run, r.ref.Run)
	}
	standing, err := r.standingResult(ctx, result, value)
	if err != nil {
		return nil, record.Result{}, fmt.Errorf("recording the result of step %q: %w", result.Step, err)
	}
	stands, err := readResult(r.ref, standing)
	if err != nil {
		return nil, record.Result{}, inTheWay(standing, err)
	}
	return standing, stands, nil
}

// standingResult makes the object of a result record, unless one stands. An inline result that comes without its value
// is one that its step has recorded already, so it is only looked up: making it would lose the value.
func (r recorder) standingResult(ctx context.Context, result record.Result, value []byte) (*corev1.ConfigMap, error) {
	if result.Inline && (int64(len(value)) != result.Size || string(artifact.Sum(value)) != result.Digest) {
		return r.get(ctx, ResultName(r.ref.Run, result.Step))
	}
	cm, err := resultConfigMap(r.ref, result, value)
	if err != nil {
		return nil, err
	}
	return r.make(ctx, cm)
}

// close makes the record of an attempt and returns the object that stands, with what it says.
func (r recorder) close(ctx context.Context, closing record.Attempt) (*corev1.ConfigMap, error) {
	closing.Run = r.ref.Run
	cm, err := attemptConfigMap(r.ref, closing)
	if err != nil {
		return nil, err
	}
	standing, err := r.make(ctx, cm)
	if err != nil {
		return nil, fmt.Errorf("recording the end of attempt %d of step %q: %w", closing.Attempt, closing.Step, err)
	}
	if _, err := readAttempt(r.ref, standing); err != nil {
		return nil, inTheWay(standing, err)
	}
	return standing, nil
}

// make creates an object, or returns the one that has its name already.
func (r recorder) make(ctx context.Context, cm *corev1.ConfigMap) (*corev1.ConfigMap, error) {
	made, err := r.client.CoreV1().ConfigMaps(r.ref.Namespace).Create(ctx, cm, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return r.get(ctx, cm.Name)
	}
	return made, err
}

func (r recorder) get(ctx context.Context, name string) (*corev1.ConfigMap, error) {
	return r.client.CoreV1().ConfigMaps(r.ref.Namespace).Get(ctx, name, metav1.GetOptions{})
}

// inTheWay says of an object that has a record's name and is none.
func inTheWay(cm *corev1.ConfigMap, err error) error {
	return fmt.Errorf("reading ConfigMap %s, which stands where a record belongs: %w: delete it", cm.Name, err)
}

// untilDone repeats what an orchestrator has to have done until it is, or ctx ends.
func untilDone[T any](ctx context.Context, logger *zap.Logger, trouble string, call func() (T, error)) (T, error) {
	return backoff.RetryNotifyWithData(func() (T, error) {
		result, err := call()
		if err != nil {
			// Without what it wraps: a backoff.Permanent in there would end the repetition.
			err = errors.New(err.Error())
		}
		return result, err
	}, backoff.WithContext(pause.Growing(200*time.Millisecond), ctx), func(err error, next time.Duration) {
		logger.Warn(trouble+", repeating the call", zap.Duration("after", next), zap.Error(err))
	})
}
