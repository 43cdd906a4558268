package kube

import (
	"context"
	"fmt"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/org/k8sorch/internal/engine"
	"github.com/org/k8sorch/internal/plan"
	"github.com/org/k8sorch/internal/record"
)

// DecideEnd makes the record of how the run ended, unless one stands, and returns the one that does. It tries until that
// works or ctx ends.
func DecideEnd(ctx context.Context, client kubernetes.Interface, ref Ref, p *plan.Plan, end record.RunEnd, logger *zap.Logger) (record.RunEnd, error) {
	return untilDone(ctx, logger, "cannot record how the run ended", func() (record.RunEnd, error) {
		return newRecorder(client, ref, p).end(ctx, end)
	})
}

// end makes the record of the run's end, unless one stands, and returns the one that does.
func (r recorder) end(ctx context.Context, end record.RunEnd) (record.RunEnd, error) {
	cm, err := recordConfigMap(r.ref, r.ref.EndName(), RecordEnd, record.EndFile, end.Bounded())
	if err != nil {
		return record.RunEnd{}, err
	}
	standing, err := r.make(ctx, cm)
	if err != nil {
		return record.RunEnd{}, err
	}
	return standingEnd(r.ref, standing)
}

// FindEnd returns the record of the run's end; nil where there is none yet.
func FindEnd(ctx context.Context, client kubernetes.Interface, ref Ref) (*record.RunEnd, error) {
	doing := "reading how run " + ref.Run + " ended"
	var cm *corev1.ConfigMap
	err := persist(ctx, func(ctx context.Context) (err error) {
		cm, err = client.CoreV1().ConfigMaps(ref.Namespace).Get(ctx, ref.EndName(), metav1.GetOptions{})
		return err
	}, briefly())
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, explain(doing, ref.Namespace, err)
	}
	end, err := standingEnd(ref, cm)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", doing, err)
	}
	return &end, nil
}

func standingEnd(ref Ref, cm *corev1.ConfigMap) (record.RunEnd, error) {
	end, err := readEnd(ref, cm)
	if err != nil {
		return record.RunEnd{}, inTheWay(cm, err)
	}
	return end, nil
}

// readEnd returns the record of a run's end that an object holds, with the care that all records are read with.
func readEnd(ref Ref, cm *corev1.ConfigMap) (record.RunEnd, error) {
	var end record.RunEnd
	if err := readRecord(ref, cm, RecordEnd, record.EndFile, &end); err != nil {
		return record.RunEnd{}, err
	}
	if end.Run != ref.Run || cm.Name != ref.EndName() {
		return record.RunEnd{}, fmt.Errorf("it is of run %.100q", end.Run)
	}
	switch end.Outcome {
	case record.Succeeded, record.Failed, record.Stopped:
		return end, nil
	}
	return record.RunEnd{}, fmt.Errorf("it says that the run ended as %.100q", end.Outcome)
}

// AwaitEnd returns the record of the run's end once there is one, [engine.ErrRunGone] when gone is closed first, or why ctx
// ended when it did.
func AwaitEnd(ctx context.Context, client kubernetes.Interface, ref Ref, gone <-chan struct{}) (record.RunEnd, error) {
	wake, denied := make(chan struct{}, 1), make(chan error, 1)
	store := newWakingStore(wake)
	w := endWatch(client, ref, store, &outage{logger: zap.NewNop(), denied: denied, tell: func(error) {}})
	stop, err := beginWatches(ctx, ref, []oneWatch{w}, denied)
	if err != nil {
		return record.RunEnd{}, err
	}
	defer stop()
	for {
		for _, found := range store.List() {
			// What is no record of this run is none.
			if end, err := readEnd(ref, found.(*corev1.ConfigMap)); err == nil {
				return end, nil
			}
		}
		select {
		case <-wake:
		case <-gone:
			return record.RunEnd{}, engine.ErrRunGone
		case <-ctx.Done():
			return record.RunEnd{}, context.Cause(ctx)
		}
	}
}

func endWatch(client kubernetes.Interface, ref Ref, store *wakingStore, out *outage) oneWatch {
	api, selector := client.CoreV1().ConfigMaps(ref.Namespace), LabelRun+"="+ref.Run+","+LabelRecord+"="+RecordEnd
	return mirrored(client, ref, &corev1.ConfigMap{}, store, &cache.ListWatch{
		ListWithContextFunc: lister(out, selector, api.List), WatchFuncWithContext: watcher(out, selector, api.Watch),
	})
}
